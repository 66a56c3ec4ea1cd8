//! `explain` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::route::{NodeRecord, RouteRecord, clause_word, leg_name};
use crate::delivery::{Copies, Disagreement, Explanation, Hop, Outcome, Recipient};
use crate::model::{Cost, Node, NodeKind, Organization, ServerIdx, SiteIdx};
use crate::report::detail;
use crate::route::{Candidate, ConnectorClause, Exclusion, Rival, Verdict, View};

/// The value of `format` in [`ExplainRecord`].
pub const EXPLAIN_FORMAT: &str = "bridgehead.explain/1";

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
    /// The servers that the sender connects to next, in turn; absent when it handles the mail itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<&'a str>,
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
    /// The mail is handed on and does not arrive, although nothing that is down holds it up. `outcome` is what the sender
    /// decides, who cannot know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disagreement: Option<DisagreementRecord<'a>>,
}

/// What sites of different versions, which see different ways, make of mail between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DisagreementRecord<'a> {
    /// `loop`: `nodes` hand it on in this order, the last one to the first again. `no_way`: `nodes` is the one site that
    /// is handed the mail and sees no way on.
    pub kind: &'static str,
    /// Who.
    pub nodes: Vec<NodeRecord<'a>>,
}

impl<'a> DisagreementRecord<'a> {
    fn new(org: &'a Organization, disagreement: &Disagreement) -> DisagreementRecord<'a> {
        let (kind, sites): (_, &[SiteIdx]) = match disagreement {
            Disagreement::Loop(sites) => ("loop", sites),
            Disagreement::NoWay(site) => ("no_way", std::slice::from_ref(site)),
        };
        let nodes = sites.iter().map(|site| NodeRecord::new(org, Node::Site(*site)));
        DisagreementRecord {
            kind,
            nodes: nodes.collect(),
        }
    }
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
            servers: Vec::new(),
            decided_by: None,
            considered: None,
            ambiguous: false,
            copies: None,
            failed: Vec::new(),
            queued_at: None,
            tried: None,
            disagreement: None,
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
            disagreement: explanation
                .disagreement
                .as_ref()
                .map(|disagreement| DisagreementRecord::new(org, disagreement)),
            ..ExplainRecord::empty()
        }
    }

    /// The same record with the servers that `sender` connects to next.
    #[must_use]
    pub fn with_servers(self, org: &'a Organization, servers: &[ServerIdx]) -> ExplainRecord<'a> {
        ExplainRecord {
            servers: servers
                .iter()
                .map(|server| org.servers()[*server].name.as_str())
                .collect(),
            ..self
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
            detail: detail::candidate(org, candidate),
        }
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

/// The contract's word for why a connector was not in the running. It has one word for no way, whether there never was one
/// or what is down took it away; the prose of a candidate tells which.
pub fn exclusion_word(exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::Disabled => "disabled",
        Exclusion::Scope => "scope",
        Exclusion::NoMatch => "no_match",
        Exclusion::Size => "size",
        Exclusion::NoSource => "no_source",
        Exclusion::NoRoute | Exclusion::Down | Exclusion::CutOff => "no_route",
        Exclusion::Restriction => "restriction",
    }
}
