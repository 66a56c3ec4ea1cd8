//! The outcome for one recipient, and the decision that led to it.

use super::journey::{self, Disagreement, Journey, Trip};
use super::recipient::{self, DeliveryGroup, Destination, Recipient, Refusal};
use crate::model::{ConnectorIdx, FailureSet, Generation, Node, RoutingGroupIdx, SiteIdx, SizeLimit};
use crate::route::{Exit, Leg, Plan, Selection, Sender, View};

/// What becomes of a message for one recipient (contract, `explain`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Handled at the sender itself.
    Deliver,
    /// Handed on.
    Route,
    /// Waits, because something is down.
    Queue,
    /// No route: the Unreachable queue.
    Unreachable,
    /// Returned with this status code.
    Ndr(&'static str),
}

/// Why mail is returned or unreachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The recipient has no destination.
    Refused(Refusal),
    /// No path to the destination.
    NoPath(Node),
    /// The destination is a site or group where mail cannot stop.
    NoStop(Node),
    /// Nothing serves the address (D24).
    NoConnector,
    /// Something serves the address, and a 2000/2003 sender has no way to it (LS-2.1; D29).
    NoWay,
    /// Everything that serves the address is too small (D24).
    ConnectorSize,
    /// A link or connector on the chosen path is too small; no other path is tried (R68, R69, RT-2.11).
    PathSize {
        /// Which.
        leg: Leg,
        /// Its limit.
        limit: SizeLimit,
    },
}

/// The outcome for one recipient, with everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What happens.
    pub outcome: Outcome,
    /// Why, when mail is returned or unreachable.
    pub reason: Option<Reason>,
    /// The way to the destination, or to where the selected connector is. `None` when it is the sender itself.
    pub plan: Option<Plan>,
    /// External addresses: every connector and what became of it.
    pub selection: Option<Selection>,
    /// What the mail is queued for; `None` when it is not.
    pub delivery_group: Option<DeliveryGroup>,
    /// With something down: who is tried and where mail waits.
    pub journey: Option<Journey>,
    /// Why the mail does not arrive although it is handed on and nothing holds it up: the sender cannot know.
    pub disagreement: Option<Disagreement>,
}

impl Explanation {
    fn nowhere(outcome: Outcome, reason: Reason, selection: Option<Selection>) -> Explanation {
        Explanation {
            outcome,
            reason: Some(reason),
            plan: None,
            selection,
            delivery_group: None,
            journey: None,
            disagreement: None,
        }
    }

    /// The connector that serves an external address.
    pub fn connector(&self) -> Option<ConnectorIdx> {
        let (candidate, _) = self.selection.as_ref()?.selected()?;
        Some(candidate.connector)
    }
}

/// What becomes of a message from `sender` to `recipient`, `view.down` being down.
///
/// 2007+ senders choose as if all were up and then find out; legacy senders choose around what is down (R6).
pub fn explain(view: &View<'_>, sender: Sender, recipient: &Recipient) -> Explanation {
    let explained = as_decided(view, sender, recipient);
    let moves = matches!(explained.outcome, Outcome::Deliver | Outcome::Route);
    if moves && !journey::sender_up(view, sender) {
        return Explanation {
            outcome: Outcome::Queue,
            journey: Some(Journey {
                sender_down: true,
                ..Journey::waits_at(sender.node)
            }),
            ..explained
        };
    }
    match sender.node {
        Node::Site(site) if moves => on_its_way(view, sender, site, explained),
        _ if view.down.is_empty() => explained,
        // D40: without a way only because of what is down means waiting at the sender.
        Node::RoutingGroup(group) if waits(view, sender, group, recipient, explained.reason) => Explanation {
            outcome: Outcome::Queue,
            reason: None,
            journey: Some(Journey::waits_at(sender.node)),
            ..explained
        },
        Node::RoutingGroup(_) if moves => Explanation {
            journey: Some(Journey::default()),
            ..explained
        },
        _ => explained,
    }
}

/// What becomes of mail that a 2007+ sender delivers or hands on.
fn on_its_way(view: &View<'_>, sender: Sender, site: SiteIdx, explained: Explanation) -> Explanation {
    let all_up = view.down.is_empty();
    let plan = explained.plan.as_ref();
    // With all up the way is the one that the sender has planned, as long as everybody sees the same ways.
    if all_up && !plan.is_some_and(|plan| journey::may_disagree(view.org, sender, plan)) {
        return explained;
    }
    let ends = explained
        .delivery_group
        .map_or(Vec::new(), |group| recipient::end_sites(view.org, group));
    let trip = Trip {
        plan,
        connector: explained.connector(),
        ends: &ends,
    };
    let (journey, disagreement) = journey::walk(view, sender, site, &trip);
    Explanation {
        outcome: match journey.queued_at {
            Some(_) => Outcome::Queue,
            None => explained.outcome,
        },
        journey: (!all_up).then_some(journey),
        disagreement,
        ..explained
    }
}

/// Whether a legacy group has no way only because of what is down.
fn waits(
    view: &View<'_>,
    sender: Sender,
    group: RoutingGroupIdx,
    recipient: &Recipient,
    reason: Option<Reason>,
) -> bool {
    match (reason, recipient) {
        (Some(Reason::NoPath(node)), _) => view.has_path_all_up(group, node),
        (Some(Reason::NoConnector | Reason::NoWay), Recipient::Address(address)) => {
            let nothing_down = FailureSet::default();
            let all_up = View::new(view.org, view.graphs, view.options, view.message, &nothing_down);
            all_up.select(sender, address).selected().is_some()
        }
        _ => false,
    }
}

/// What the sender decides, before anybody is tried.
fn as_decided(view: &View<'_>, sender: Sender, recipient: &Recipient) -> Explanation {
    let legacy = sender.generation == Generation::Legacy;
    match recipient::destination(view, sender, recipient) {
        Destination::Here(group) => handled_here(group, None),
        Destination::Node(node, group) => towards(view, sender, node, group, None),
        Destination::Refused(refusal) => {
            let outcome = match refusal {
                Refusal::UnknownRecipient => Outcome::Ndr("5.1.1"),
                Refusal::NoTransport | Refusal::NoHome | Refusal::NoExpansion => Outcome::Unreachable,
            };
            Explanation::nowhere(outcome, Reason::Refused(refusal), None)
        }
        Destination::Connector(selection) => {
            let selected = selection.selected().map(|(candidate, standing)| {
                let node = match standing.exit {
                    Exit::Site(site) => Node::Site(site),
                    Exit::RoutingGroup(group) => Node::RoutingGroup(group),
                };
                (node, DeliveryGroup::Connector(candidate.connector))
            });
            match selected {
                Some((node, group)) => towards(view, sender, node, group, Some(selection)),
                // D24; D29 for legacy senders, to whom a connector too small is no connector.
                None if selection.only_size_failed() && !legacy => {
                    Explanation::nowhere(Outcome::Ndr("5.3.4"), Reason::ConnectorSize, Some(selection))
                }
                // LS-2.1: whatever the type of the address, which without any connector decides (D24).
                None if legacy && selection.only_reach_failed() => {
                    Explanation::nowhere(Outcome::Unreachable, Reason::NoWay, Some(selection))
                }
                None => {
                    let smtp = matches!(recipient, Recipient::Address(address) if address.is_smtp());
                    let outcome = if smtp {
                        Outcome::Unreachable
                    } else {
                        Outcome::Ndr("5.4.4")
                    };
                    Explanation::nowhere(outcome, Reason::NoConnector, Some(selection))
                }
            }
        }
    }
}

fn handled_here(group: DeliveryGroup, selection: Option<Selection>) -> Explanation {
    Explanation {
        outcome: Outcome::Deliver,
        reason: None,
        plan: None,
        selection,
        delivery_group: Some(group),
        journey: None,
        disagreement: None,
    }
}

/// Mail for `node`, which may be the sender: the plan, and whether the message is small enough for it (D18, D19).
fn towards(
    view: &View<'_>,
    sender: Sender,
    node: Node,
    group: DeliveryGroup,
    selection: Option<Selection>,
) -> Explanation {
    if node == sender.node {
        return handled_here(group, selection);
    }
    if !view.org.is_router(node) {
        return Explanation::nowhere(Outcome::Unreachable, Reason::NoStop(node), selection);
    }
    let Some(plan) = view.plan(sender, node) else {
        return Explanation::nowhere(Outcome::Unreachable, Reason::NoPath(node), selection);
    };
    let too_small = too_small(view, sender, &plan);
    Explanation {
        outcome: if too_small.is_some() {
            Outcome::Ndr("5.3.4")
        } else {
            Outcome::Route
        },
        reason: too_small.map(|(leg, limit)| Reason::PathSize { leg, limit }),
        plan: Some(plan),
        selection,
        delivery_group: too_small.is_none().then_some(group),
        journey: None,
        disagreement: None,
    }
}

/// The first leg of a chosen path that the message is too large for, if somebody looks (D18, D19).
fn too_small(view: &View<'_>, sender: Sender, plan: &Plan) -> Option<(Leg, SizeLimit)> {
    let size = view.message.size_for_2007()?;
    let org = view.org;
    // Legacy senders have left out connectors that are too small; the site links are checked by who takes the mail in.
    let checks = |generation: Generation| generation > Generation::Exchange2007Rtm;
    let sees_limits = match sender.generation {
        Generation::Legacy => {
            let entry: Option<SiteIdx> = plan.path.iter().find_map(|node| match node {
                Node::Site(site) => Some(*site),
                Node::RoutingGroup(_) => None,
            });
            entry.and_then(|site| org.site_generation(site)).is_some_and(checks)
        }
        own => checks(own),
    };
    if !sees_limits {
        return None;
    }
    plan.legs.iter().find_map(|leg| {
        let limit = match leg {
            Leg::SiteLink(link) => org.site_links()[*link].max_message_size,
            Leg::Connector(_) if sender.generation == Generation::Legacy => return None,
            Leg::Connector(connector) => org.routing_group_connectors()[*connector].max_message_size,
        };
        (!limit.passes(size)).then_some((*leg, limit))
    })
}
