//! The contract's JSON documents as structs; field order is the order in the file.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::delivery::{Copies, Explanation, Hop, Outcome, Recipient};
use crate::model::{Cost, Node, NodeKind, Organization};
use crate::route::{Candidate, Clause, ConnectorClause, Exclusion, Leg, Plan, Relay, Rival, Verdict, View};

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
/// The value of `format` in [`ExplainRecord`].
pub const EXPLAIN_FORMAT: &str = "bridgehead.explain/1";

/// One sender's plan for one destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RouteRecord<'a> {
    /// The sender.
    pub from: NodeRecord<'a>,
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
            to: NodeRecord::new(org, to),
            outcome: match plan {
                Some(_) => RouteOutcome::Route,
                None => RouteOutcome::Unreachable,
            },
            plan: plan.map(|plan| PlanRecord::new(org, plan)),
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

/// The contract's word for what decided between connectors.
pub fn connector_clause_word(clause: ConnectorClause) -> &'static str {
    match clause {
        ConnectorClause::OnlyCandidate => "only_candidate",
        ConnectorClause::AddressSpace => "address_space",
        ConnectorClause::Version => "version",
        ConnectorClause::Cost => "cost",
        ConnectorClause::Proximity => "proximity",
        ConnectorClause::Hops => "hops",
        ConnectorClause::Name => "name",
    }
}

/// The contract's word for why a connector was not in the running.
pub fn exclusion_word(exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::Disabled => "disabled",
        Exclusion::Scope => "scope",
        Exclusion::NoMatch => "no_match",
        Exclusion::Size => "size",
        Exclusion::NoSource => "no_source",
        Exclusion::NoRoute => "no_route",
        Exclusion::Restriction => "restriction",
    }
}

/// `explain`: one decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainRecord<'a> {
    /// `bridgehead.explain/1`.
    pub format: &'static str,
    /// What happens; absent when there are several recipients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// Status code of an NDR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// External address: the connector selected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector: Option<&'a str>,
    /// The way to the destination, or to the connector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<RouteRecord<'a>>,
    /// The second best path, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<RivalRecord<'a>>,
    /// What singled out the connector, or the path where no connector was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<&'static str>,
    /// External address: every connector and what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub considered: Option<Vec<CandidateRecord<'a>>>,
    /// A legacy sender may choose differently.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
    /// Several recipients: the copies that leave the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<Vec<CopyRecord<'a>>>,
    /// Several recipients: those whom no copy is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailedRecord>,
    /// With something down: where mail waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<NodeRecord<'a>>,
    /// With something down: who was tried, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tried: Option<Vec<NodeRecord<'a>>>,
}

/// A path that lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RivalRecord<'a> {
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
    /// Where it fell behind.
    pub lost_on: &'static str,
}

impl<'a> RivalRecord<'a> {
    fn new(org: &'a Organization, rival: &Rival) -> RivalRecord<'a> {
        RivalRecord {
            routing_group_cost: rival.routing_group_cost,
            site_cost: rival.site_cost,
            hops: rival.legs.len(),
            path: rival.path.iter().map(|node| NodeRecord::new(org, *node)).collect(),
            links: rival.legs.iter().map(|leg| leg_name(org, *leg)).collect(),
            lost_on: clause_word(rival.lost_on),
        }
    }
}

/// One connector and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CandidateRecord<'a> {
    /// The connector.
    pub name: &'a str,
    /// `selected`, `lost` or `excluded`.
    pub verdict: &'static str,
    /// The criterion.
    pub rule: &'static str,
    /// What it had to show, or why it is excluded.
    pub detail: String,
}

/// Where a copy goes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum HopRecord<'a> {
    /// To a router.
    Node(NodeRecord<'a>),
    /// Out through a connector of the sender.
    Connector {
        /// The connector.
        connector: &'a str,
    },
}

/// One copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CopyRecord<'a> {
    /// Where it goes next.
    pub next_hop: HopRecord<'a>,
    /// For whom.
    pub recipients: Vec<String>,
    /// Where it is first split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_at: Option<NodeRecord<'a>>,
}

/// A recipient whom no copy is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FailedRecord {
    /// Who.
    pub recipient: String,
    /// What happens instead.
    pub outcome: &'static str,
    /// Status code of an NDR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

/// The contract's word for an outcome, and its status code.
pub fn outcome_word(outcome: Outcome) -> (&'static str, Option<&'static str>) {
    match outcome {
        Outcome::Deliver => ("deliver", None),
        Outcome::Route => ("route", None),
        Outcome::Queue => ("queue", None),
        Outcome::Unreachable => ("unreachable", None),
        Outcome::Ndr(code) => ("ndr", Some(code)),
    }
}

impl<'a> ExplainRecord<'a> {
    fn empty() -> ExplainRecord<'a> {
        ExplainRecord {
            format: EXPLAIN_FORMAT,
            outcome: None,
            code: None,
            connector: None,
            route: None,
            runner_up: None,
            decided_by: None,
            considered: None,
            ambiguous: false,
            copies: None,
            failed: Vec::new(),
            queued_at: None,
            tried: None,
        }
    }

    /// The record of one recipient.
    pub fn one(view: &View<'a>, explanation: &Explanation) -> ExplainRecord<'a> {
        let org = view.org;
        let (outcome, code) = outcome_word(explanation.outcome);
        let selection = explanation.selection.as_ref();
        let plan = explanation.plan.as_ref();
        let journey = explanation.journey.as_ref();
        ExplainRecord {
            outcome: Some(outcome),
            code,
            connector: explanation
                .connector()
                .map(|index| org.connectors()[index].name.as_str()),
            route: plan.map(|plan| RouteRecord::new(org, plan.from, plan.to, Some(plan))),
            decided_by: match (selection.map(|selection| selection.decided_by), plan) {
                (Some(decided_by), _) => decided_by.map(connector_clause_word),
                (None, plan) => plan.map(|plan| clause_word(plan.decided_by)),
            },
            considered: selection.map(|selection| {
                let decided_by = selection.decided_by.map_or("", connector_clause_word);
                let candidates = selection.considered.iter();
                candidates
                    .map(|candidate| CandidateRecord::new(org, candidate, decided_by))
                    .collect()
            }),
            ambiguous: selection.is_some_and(|selection| selection.ambiguous),
            queued_at: journey
                .and_then(|journey| journey.queued_at)
                .map(|node| NodeRecord::new(org, node)),
            tried: journey.map(|journey| journey.tried.iter().map(|node| NodeRecord::new(org, *node)).collect()),
            ..ExplainRecord::empty()
        }
    }

    /// The same record with the path that came second.
    #[must_use]
    pub fn with_runner_up(self, org: &'a Organization, rival: Option<&Rival>) -> ExplainRecord<'a> {
        ExplainRecord {
            runner_up: rival.map(|rival| RivalRecord::new(org, rival)),
            ..self
        }
    }

    /// The record of several recipients.
    pub fn several(org: &'a Organization, recipients: &[Recipient], copies: &Copies) -> ExplainRecord<'a> {
        let text = |at: &usize| recipient_text(org, &recipients[*at]);
        let of_copy = |copy: &crate::delivery::Copy| CopyRecord {
            next_hop: match copy.next_hop {
                Hop::Node(node) => HopRecord::Node(NodeRecord::new(org, node)),
                Hop::Connector(index) => HopRecord::Connector {
                    connector: org.connectors()[index].name.as_str(),
                },
            },
            recipients: copy.recipients.iter().map(text).collect(),
            split_at: copy.split_at.map(|node| NodeRecord::new(org, node)),
        };
        let of_failed = |(at, explanation): &(usize, Explanation)| {
            let (outcome, code) = outcome_word(explanation.outcome);
            FailedRecord {
                recipient: text(at),
                outcome,
                code,
            }
        };
        ExplainRecord {
            copies: Some(copies.copies.iter().map(of_copy).collect()),
            failed: copies.failed.iter().map(of_failed).collect(),
            ..ExplainRecord::empty()
        }
    }
}

/// A recipient as text, the way a user would write it.
pub fn recipient_text(org: &Organization, recipient: &Recipient) -> String {
    match recipient {
        Recipient::Address(address) => address.to_string(),
        Recipient::Node(NodeKind::Site(site)) => format!("site:{}", org.sites()[*site].name),
        Recipient::Node(NodeKind::RoutingGroup(group)) => format!("rg:{}", org.routing_groups()[*group].name),
        Recipient::Node(NodeKind::Server(server)) => format!("server:{}", org.servers()[*server].name),
    }
}

impl<'a> CandidateRecord<'a> {
    fn new(org: &'a Organization, candidate: &Candidate, decided_by: &'static str) -> CandidateRecord<'a> {
        let (verdict, rule) = match candidate.verdict {
            Verdict::Selected => ("selected", decided_by),
            Verdict::Lost(clause) => ("lost", connector_clause_word(clause)),
            Verdict::Excluded(exclusion) => ("excluded", exclusion_word(exclusion)),
        };
        CandidateRecord {
            name: org.connectors()[candidate.connector].name.as_str(),
            verdict,
            rule,
            detail: super::detail::candidate(org, candidate),
        }
    }
}
