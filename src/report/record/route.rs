//! `routes` as JSON.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Cost, Node, Organization, ServerIdx};
use crate::route::{Clause, Leg, Plan, Relay};

/// A node by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeRecord<'a> {
    /// A site.
    Site(Cow<'a, str>),
    /// A legacy routing group.
    RoutingGroup(Cow<'a, str>),
}

impl<'a> NodeRecord<'a> {
    /// The name of `node`.
    pub fn new(org: &'a Organization, node: Node) -> NodeRecord<'a> {
        let name = Cow::Borrowed(org.node_name(node).as_str());
        match node {
            Node::Site(_) => NodeRecord::Site(name),
            Node::RoutingGroup(_) => NodeRecord::RoutingGroup(name),
        }
    }
}

/// `routes`: every ordered pair of routers that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Routes<'a> {
    /// `bridgehead.routes/1`.
    pub format: &'static str,
    /// By sender, then by destination.
    pub routes: Vec<RouteRecord<'a>>,
}

/// The value of `format` in [`Routes`].
pub const ROUTES_FORMAT: &str = "bridgehead.routes/1";

/// One sender's plan for one destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RouteRecord<'a> {
    /// The sender.
    pub from: NodeRecord<'a>,
    /// The server there that sends, where it was asked for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<&'a str>,
    /// The destination.
    pub to: NodeRecord<'a>,
    /// Whether there is a route.
    pub outcome: RouteOutcome,
    /// The route; absent when there is none.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanRecord<'a>>,
}

/// Whether there is a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RouteOutcome {
    /// There is one.
    Route,
    /// There is none.
    Unreachable,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanRecord<'a> {
    /// Sum of routing-group connector costs.
    pub routing_group_cost: Cost,
    /// Cost over site links.
    pub site_cost: Cost,
    /// Links and connectors crossed.
    pub hops: usize,
    /// From the sender to the destination.
    pub path: Vec<NodeRecord<'a>>,
    /// Names of the links and connectors crossed.
    pub links: Vec<&'a str>,
    /// Where mail is handed to when all is up.
    pub next_hop: NodeRecord<'a>,
    /// Why there.
    pub relay: &'static str,
    /// Who takes the mail otherwise, in order.
    pub backoff: Vec<NodeRecord<'a>>,
    /// What singled out the path.
    pub decided_by: &'static str,
    /// 2000/2003 may spread mail over several ways.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
}

impl<'a> RouteRecord<'a> {
    /// The record of a plan, or of there being none.
    pub fn new(org: &'a Organization, from: Node, to: Node, plan: Option<&Plan>) -> RouteRecord<'a> {
        RouteRecord {
            from: NodeRecord::new(org, from),
            server: None,
            to: NodeRecord::new(org, to),
            outcome: match plan {
                Some(_) => RouteOutcome::Route,
                None => RouteOutcome::Unreachable,
            },
            plan: plan.map(|plan| PlanRecord::new(org, plan)),
        }
    }

    /// The same record of one server.
    #[must_use]
    pub fn of_server(self, org: &'a Organization, server: Option<ServerIdx>) -> RouteRecord<'a> {
        let name = |server: ServerIdx| org.servers()[server].name.as_str();
        RouteRecord {
            server: server.map(name),
            ..self
        }
    }
}

impl<'a> PlanRecord<'a> {
    /// The record of a plan.
    pub fn new(org: &'a Organization, plan: &Plan) -> PlanRecord<'a> {
        PlanRecord {
            routing_group_cost: plan.routing_group_cost,
            site_cost: plan.site_cost,
            hops: plan.hops(),
            path: plan.path.iter().map(|node| NodeRecord::new(org, *node)).collect(),
            links: plan.legs.iter().map(|leg| leg_name(org, *leg)).collect(),
            next_hop: NodeRecord::new(org, plan.next_hop),
            relay: relay_word(plan.relay),
            backoff: plan
                .backoff
                .iter()
                .map(|site| NodeRecord::new(org, Node::Site(*site)))
                .collect(),
            decided_by: clause_word(plan.decided_by),
            ambiguous: plan.ambiguous,
        }
    }
}

/// The name of a site link or routing-group connector.
pub fn leg_name(org: &Organization, leg: Leg) -> &str {
    match leg {
        Leg::SiteLink(link) => org.site_links()[link].name.as_str(),
        Leg::Connector(connector) => org.routing_group_connectors()[connector].name.as_str(),
    }
}

/// The contract's word for a relay.
pub fn relay_word(relay: Relay) -> &'static str {
    match relay {
        Relay::RoutingGroup => "routing_group",
        Relay::Direct => "direct",
        Relay::ConnectorSource => "connector_source",
        Relay::HubSite => "hub_site",
    }
}

/// The contract's word for what decided between paths.
pub fn clause_word(clause: Clause) -> &'static str {
    match clause {
        Clause::RoutingGroupCost => "routing_group_cost",
        Clause::Cost => "cost",
        Clause::SiteCost => "site_cost",
        Clause::Hops => "hops",
        Clause::Name => "name",
    }
}
