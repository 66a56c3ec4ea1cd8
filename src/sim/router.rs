//! Where the mail of one server goes next: recipients fall into forks, each with its queue and with who is tried for it.
//!
//! The decisions are those of [`crate::delivery`]; what is added is which *server* hands over to which: a 2007+ server that is
//! not a source of the connector hands over to one of its site that is, a legacy server to a bridgehead of its group.

use std::rc::Rc;

use indexmap::IndexSet;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::cast::Cast;
use super::configuration::Configuration;
use super::state::Trail;
use super::trace::{Hop, RecipientIdx, Recipients, Return, Store};
use crate::delivery::{
    self, DeliveryGroup, Explanation, Outcome, Recipient, copies, explain, next_servers, other_sites,
};
use crate::model::{
    ConnectorIdx, ConnectorRef, FailureSet, MailboxHome, MailboxIdx, Message, Node, Organization,
    RoutingGroupConnectorIdx, ServerIdx, SiteIdx, SiteLinkIdx, WeekMinute,
};
use crate::route::{Leg, Options, Plan, Sender, View, usable_sources};

/// Servers that are tried in turn, and what lies between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ring {
    /// By name; each connection begins one further on (RT-2.10).
    pub(super) servers: SmallVec<[ServerIdx; 4]>,
    /// The site links on the way there.
    pub(super) over: SmallVec<[SiteLinkIdx; 4]>,
}

/// Some recipients of a message that go on together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fork {
    pub(super) recipients: Recipients,
    pub(super) hop: Hop,
    /// Who is tried, nearest the next hop first; empty for queues that lead to no server.
    pub(super) rings: Rc<[Ring]>,
}

/// What a server decides about a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) forks: Vec<Fork>,
    pub(super) returned: Vec<(Recipients, Return)>,
}

/// Everything that a decision depends on, besides the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    server: ServerIdx,
    /// Which configuration it knows.
    configuration: usize,
    class: u32,
    /// The minute of the week, where that matters.
    at: Option<WeekMinute>,
    /// What its group believes to be down; empty for 2007 and later.
    down: Rc<[ConnectorRef]>,
    recipients: Recipients,
}

/// Answers that were given already. Never iterated.
#[derive(Debug, Default)]
pub(super) struct Router {
    known: FxHashMap<Question, Rc<Split>>,
}

/// Kinds of messages that are told apart, and who takes part.
pub(super) struct Asker<'a> {
    pub(super) configuration: &'a Configuration,
    /// Its number.
    pub(super) number: usize,
    pub(super) options: Options,
    pub(super) cast: &'a Cast,
    pub(super) server: ServerIdx,
    /// A number that is the same for messages that are alike.
    pub(super) class: u32,
    pub(super) message: &'a Message,
    pub(super) down: &'a Rc<[ConnectorRef]>,
}

impl Router {
    /// Forgets everything: the configuration has changed.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// The forks of a message at a server. O(1) when asked before.
    pub(super) fn split(&mut self, asker: &Asker<'_>, recipients: &Recipients) -> Rc<Split> {
        let question = Question {
            server: asker.server,
            configuration: asker.number,
            at: asker.message.at,
            class: asker.class,
            down: Rc::clone(asker.down),
            recipients: recipients.clone(),
        };
        if let Some(known) = self.known.get(&question) {
            return Rc::clone(known);
        }
        let split = Rc::new(asker.split(recipients));
        self.known.insert(question, Rc::clone(&split));
        split
    }
}

/// What comes of groups at a server that may expand them.
pub(super) struct Expansion {
    /// Who the message is for instead.
    pub(super) recipients: Recipients,
    /// The groups that were replaced.
    pub(super) replaced: Vec<RecipientIdx>,
}

/// Replaces the groups that a server may expand by their members (D33); `None`: there are none.
///
/// N88: a group that was replaced on the way here is not put in again by one that has it as a member, so that groups which have each
/// other as members end.
pub(super) fn expand(
    org: &Organization,
    cast: &Cast,
    server: ServerIdx,
    recipients: &Recipients,
    trail: &Trail,
) -> Option<Expansion> {
    if org.servers()[server].is_edge() {
        return None;
    }
    let members = |recipient: RecipientIdx| {
        let group = cast.group(recipient).filter(|_| cast.mailbox(recipient).is_none())?;
        let group = &org.groups()[group];
        let here = group.expansion_server.is_none_or(|expander| expander == server);
        here.then_some(&group.members)
    };
    if recipients.iter().all(|recipient| members(*recipient).is_none()) {
        return None;
    }
    let mut seen: IndexSet<RecipientIdx> = recipients.iter().copied().collect();
    let (mut left, mut replaced) = (Vec::new(), Vec::new());
    for at in 0.. {
        let Some(recipient) = seen.get_index(at).copied() else {
            break;
        };
        match members(recipient) {
            Some(members) => {
                replaced.push(recipient);
                let members = members.iter().map(|member| cast.recipient(member));
                seen.extend(members.filter(|member| !trail.has(*member)));
            }
            None => left.push(recipient),
        }
    }
    left.sort_unstable();
    Some(Expansion {
        recipients: left.into(),
        replaced,
    })
}

/// Where a mailbox is.
pub(super) fn store_of(org: &Organization, mailbox: MailboxIdx) -> Store {
    match org.mailboxes()[mailbox].home {
        MailboxHome::Database(database) => Store::Database(database),
        MailboxHome::Server(server) => Store::Server(server),
    }
}

impl Asker<'_> {
    fn org(&self) -> &Organization {
        &self.configuration.org
    }

    fn split(&self, recipients: &Recipients) -> Split {
        let org = self.org();
        let mut down = FailureSet::default();
        for connector in self.down.iter() {
            match connector {
                ConnectorRef::RoutingGroup(connector) => down.routing_group_connectors.push(*connector),
                ConnectorRef::External(connector) => down.connectors.push(*connector),
            }
        }
        let view = View::new(org, &self.configuration.graphs, self.options, self.message, &down);
        let mut split = Split::default();
        let Some(sender) = Sender::server(org, self.server) else {
            split.forks.push(unreachable(recipients.clone()));
            return split;
        };
        let asked: Vec<Recipient> = recipients
            .iter()
            .map(|recipient| Recipient::Address(self.cast.address(*recipient).clone()))
            .collect();
        let copies = copies(&view, sender, &asked);
        let named = |positions: &[usize]| -> Recipients { positions.iter().map(|at| recipients[*at]).collect() };
        for copy in &copies.copies {
            let explained: Vec<Explanation> = copy
                .recipients
                .iter()
                .map(|at| explain(&view, sender, &asked[*at]))
                .collect();
            match copy.next_hop {
                delivery::Hop::Node(node) if node != sender.node => {
                    split
                        .forks
                        .push(self.onward(&view, sender, node, &explained, named(&copy.recipients)));
                }
                _ => {
                    for (at, explanation) in copy.recipients.iter().zip(&explained) {
                        self.here(&view, sender, recipients[*at], explanation, &mut split.forks);
                    }
                }
            }
        }
        for (at, explanation) in &copies.failed {
            match explanation.outcome {
                Outcome::Ndr(code) => split.returned.push((named(&[*at]), Return::Route(code))),
                _ => join(&mut split.forks, unreachable(named(&[*at]))),
            }
        }
        split
    }

    /// Mail that leaves for another site or group.
    fn onward(
        &self,
        view: &View<'_>,
        sender: Sender,
        node: Node,
        explained: &[Explanation],
        recipients: Recipients,
    ) -> Fork {
        let org = self.org();
        let first = &explained[0];
        let plan = first.plan.as_ref().expect("what is handed on has a plan");
        if let Node::RoutingGroup(_) = node {
            let connector = plan.connectors().next().expect("a group is reached over a connector");
            return self.over_connector(sender, connector, recipients);
        }
        let Node::Site(site) = node else {
            unreachable!("a node is a site or a group")
        };
        if sender.node != Node::Site(site) && matches!(sender.node, Node::RoutingGroup(_)) {
            let connector = plan.connectors().next().expect("a group is left over a connector");
            return self.over_connector(sender, connector, recipients);
        }
        let goal = first.delivery_group;
        let together = plan.next_hop == node && explained.iter().all(|other| other.delivery_group == goal);
        // A fork site is nobody's goal: any transport server there splits the copy.
        let to_fork = (!together).then(|| view.plan(sender, node)).flatten();
        let plan = to_fork.as_ref().unwrap_or(plan);
        let servers = match together {
            true => next_servers(view, sender, first),
            false => org.transport_servers(site).to_vec(),
        };
        let mut rings = vec![ring(plan, site, servers)];
        if together {
            for other in other_sites(view, sender, first) {
                if let Some(way) = view.plan(sender, Node::Site(other)) {
                    rings.push(ring(&way, other, org.transport_servers(other).to_vec()));
                }
            }
        }
        let stops = plan.backoff.iter();
        rings.extend(stops.map(|stop| ring(plan, *stop, org.transport_servers(*stop).to_vec())));
        Fork {
            recipients,
            hop: Hop::Site(node, goal.filter(|_| together && plan.to == node)),
            rings: rings.into(),
        }
    }

    /// Mail for another group, or from a legacy group, over a connector that starts here.
    fn over_connector(&self, sender: Sender, connector: RoutingGroupConnectorIdx, recipients: Recipients) -> Fork {
        let graph = &self.configuration.graphs.combined;
        let (sources, targets) = (graph.sources(connector), graph.targets(connector));
        if sources.contains(&self.server) {
            return Fork {
                recipients,
                hop: Hop::Group(connector),
                rings: one_ring(targets.iter().copied()),
            };
        }
        let here = sources
            .iter()
            .copied()
            .filter(|server| Sender::server(self.org(), *server).is_some_and(|source| source.node == sender.node));
        Fork {
            recipients,
            hop: Hop::ConnectorSource(connector),
            rings: one_ring(here),
        }
    }

    /// Mail that is handled at this site or group, by this server or another one.
    fn here(
        &self,
        view: &View<'_>,
        sender: Sender,
        recipient: RecipientIdx,
        explanation: &Explanation,
        forks: &mut Vec<Fork>,
    ) {
        let recipients: Recipients = SmallVec::from_slice(&[recipient]);
        if let Some(connector) = explanation.connector() {
            return join(forks, self.out_through(sender, connector, recipients));
        }
        let org = self.org();
        let address = self.cast.address(recipient);
        let Some(mailbox) = org.mailbox(address) else {
            // A group that another server of this site or group expands.
            let expander = org
                .group(address)
                .and_then(|group| org.groups()[group].expansion_server);
            let hop = expander.map(|server| Hop::Within(DeliveryGroup::ExpansionServer(server)));
            return join(
                forks,
                Fork {
                    recipients,
                    hop: hop.unwrap_or(Hop::Unreachable),
                    rings: one_ring(expander.into_iter()),
                },
            );
        };
        let store = store_of(org, mailbox);
        let others: Vec<ServerIdx> = match (sender.node, store) {
            // A legacy server delivers to its own mailboxes and hands over to the servers of others.
            (Node::RoutingGroup(_), Store::Server(server)) if server != self.server => vec![server],
            (Node::RoutingGroup(_), Store::Database(database)) => {
                let active = org.databases()[database].active_on;
                active.filter(|server| *server != self.server).into_iter().collect()
            }
            (Node::RoutingGroup(_), _) => Vec::new(),
            (Node::Site(_), _) => next_servers(view, sender, explanation),
        };
        let group = explanation.delivery_group.unwrap_or(DeliveryGroup::Node(sender.node));
        join(
            forks,
            match others.is_empty() {
                true => Fork {
                    recipients,
                    hop: Hop::Store(store),
                    rings: Rc::default(),
                },
                false => Fork {
                    recipients,
                    hop: Hop::Within(group),
                    rings: one_ring(others.into_iter()),
                },
            },
        )
    }

    /// Mail for the outside whose connector starts at this site or group.
    fn out_through(&self, sender: Sender, connector: ConnectorIdx, recipients: Recipients) -> Fork {
        let org = self.org();
        let mut sources: SmallVec<[ServerIdx; 4]> = usable_sources(org, &org.connectors()[connector])
            .filter(|(_, site)| match sender.node {
                Node::Site(own) => *site == Some(own),
                Node::RoutingGroup(_) => true,
            })
            .map(|(server, _)| server)
            .collect();
        if sources.contains(&self.server) {
            return Fork {
                recipients,
                hop: Hop::Connector(connector),
                rings: Rc::default(),
            };
        }
        sources.sort_unstable();
        Fork {
            recipients,
            hop: Hop::Within(DeliveryGroup::Connector(connector)),
            rings: one_ring(sources.into_iter()),
        }
    }
}

fn unreachable(recipients: Recipients) -> Fork {
    Fork {
        recipients,
        hop: Hop::Unreachable,
        rings: Rc::default(),
    }
}

/// Puts recipients to those that wait for the same already.
fn join(forks: &mut Vec<Fork>, fork: Fork) {
    match forks
        .iter_mut()
        .find(|known| known.hop == fork.hop && known.rings == fork.rings)
    {
        Some(known) => {
            known.recipients.extend(fork.recipients);
            known.recipients.sort_unstable();
        }
        None => forks.push(fork),
    }
}

/// Servers that are tried in turn, with nothing between.
pub(super) fn one_ring(servers: impl Iterator<Item = ServerIdx>) -> Rc<[Ring]> {
    Rc::new([Ring {
        servers: servers.collect(),
        over: SmallVec::new(),
    }])
}

/// The servers of a site on a way, with the links up to there.
fn ring(plan: &Plan, site: SiteIdx, servers: Vec<ServerIdx>) -> Ring {
    let at = plan.path.iter().position(|node| *node == Node::Site(site)).unwrap_or(0);
    let links = plan.legs[..at].iter().filter_map(|leg| match leg {
        Leg::SiteLink(link) => Some(*link),
        Leg::Connector(_) => None,
    });
    Ring {
        servers: servers.into(),
        over: links.collect(),
    }
}
