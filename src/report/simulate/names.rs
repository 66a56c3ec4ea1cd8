//! Actors, stores and queues by name.

use super::record::{ActorRecord, QueueRecord, StoreRecord};
use crate::delivery::DeliveryGroup;
use crate::model::{ConnectorRef, Generation, Home, MessageIdx, Node, Organization, ServerIdx};
use crate::sim::{Actor, Fate, Hop, RecipientIdx, Stage, Store};

/// Turns what a trace points to into names.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) stage: &'a Stage,
}

impl<'a> Names<'a> {
    pub(super) fn org(self) -> &'a Organization {
        self.stage.org()
    }

    pub(super) fn server(self, server: ServerIdx) -> &'a str {
        self.org().servers()[server].name.as_str()
    }

    pub(super) fn message(self, message: MessageIdx) -> &'a str {
        self.stage.scenario().messages[message].id.as_str()
    }

    pub(super) fn recipient(self, recipient: RecipientIdx) -> String {
        self.stage.cast().address(recipient).to_string()
    }

    pub(super) fn recipients(self, recipients: &[RecipientIdx]) -> Vec<String> {
        recipients.iter().map(|recipient| self.recipient(*recipient)).collect()
    }

    pub(super) fn connector(self, connector: ConnectorRef) -> &'a str {
        self.org().connector_name(connector).as_str()
    }

    pub(super) fn actor(self, actor: Actor) -> ActorRecord<'a> {
        match actor {
            Actor::Server(server) => ActorRecord::Server(self.server(server)),
            Actor::Peer(peer) => ActorRecord::Peer(self.stage.scenario().peers[peer].name.as_str()),
            Actor::Client => ActorRecord::Client,
            Actor::Outside => ActorRecord::Outside,
        }
    }

    pub(super) fn store(self, store: Store) -> StoreRecord<'a> {
        match store {
            Store::Database(database) => StoreRecord::Database(self.org().databases()[database].name.as_str()),
            Store::Server(server) => StoreRecord::Server(self.server(server)),
        }
    }

    /// Messages that have no fate, since the groups that they were for had no members when they were expanded. O(messages + fates).
    pub(super) fn for_nobody(self, fates: &[Fate]) -> Vec<&'a str> {
        let mut told = fates.iter().map(|fate| fate.message).peekable();
        let mut is_told = |message| {
            let mut found = false;
            while told.next_if(|next| *next <= message).is_some() {
                found = true;
            }
            found
        };
        let messages = self.stage.scenario().messages.iter_enumerated();
        let silent = messages.filter(|(message, _)| !is_told(*message));
        silent.map(|(_, message)| message.id.as_str()).collect()
    }

    pub(super) fn queue(self, hop: Hop) -> QueueRecord<'a> {
        let org = self.org();
        let group_connector = |connector| Some(self.connector(ConnectorRef::RoutingGroup(connector)));
        let (kind, next_hop, group) = match hop {
            Hop::Store(Store::Database(database)) => ("database", Some(org.databases()[database].name.as_str()), None),
            Hop::Store(Store::Server(server)) => ("mailboxes", Some(self.server(server)), None),
            Hop::Within(group) => ("within", None, Some(group)),
            Hop::ConnectorSource(connector) => ("connector_source", group_connector(connector), None),
            Hop::Site(node @ Node::Site(_), group) => ("site", Some(org.node_name(node).as_str()), group),
            Hop::Site(node @ Node::RoutingGroup(_), group) => {
                ("routing_group", Some(org.node_name(node).as_str()), group)
            }
            Hop::Group(connector) => ("routing_group_connector", group_connector(connector), None),
            Hop::Connector(connector) => (
                "connector",
                Some(self.connector(ConnectorRef::External(connector))),
                None,
            ),
            Hop::Unreachable => ("unreachable", None, None),
        };
        let is_plain = match (hop, group) {
            (Hop::Site(node, _), Some(group)) => self.says_as_much(node, group),
            _ => true,
        };
        QueueRecord {
            kind,
            next_hop,
            is_plain,
            delivery_group: group.map(|group| self.delivery_group(group)),
        }
    }

    /// Whether a site has no other mailboxes than those of a delivery group.
    fn says_as_much(self, node: Node, group: DeliveryGroup) -> bool {
        let org = self.org();
        match (node, group) {
            (_, DeliveryGroup::Node(of)) => of == node,
            (Node::Site(site), DeliveryGroup::Mailboxes(of, generation)) if of == node => {
                let mut there = org.servers().iter().filter(|server| server.home == Home::Site(site));
                there.all(|server| server.version.generation() == generation)
            }
            _ => false,
        }
    }

    fn delivery_group(self, group: DeliveryGroup) -> String {
        let org = self.org();
        match group {
            DeliveryGroup::Node(node) => org.node_name(node).to_string(),
            DeliveryGroup::Mailboxes(node, generation) => {
                let generation = match generation {
                    Generation::Legacy => "legacy",
                    Generation::Exchange2007Rtm | Generation::Exchange2007Sp1 => "2007",
                    Generation::Exchange2010 => "2010",
                    Generation::Exchange2013 => "2013",
                };
                format!("{generation} mailboxes of {}", org.node_name(node))
            }
            DeliveryGroup::Dag(dag) => org.dags()[dag].name.to_string(),
            DeliveryGroup::ExpansionServer(server) => self.server(server).to_owned(),
            DeliveryGroup::Connector(connector) => self.connector(ConnectorRef::External(connector)).to_owned(),
        }
    }
}
