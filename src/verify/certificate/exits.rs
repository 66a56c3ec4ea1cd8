//! Where legacy groups let mail out, as the checker works it out.

use super::ground::{Ground, Wire, has_source, home};
use crate::model::{
    Connector, ConnectorKind, Generation, GroupRef, Message, Organization, RoutingGroupIdx, SizeLimit, Specificity,
};
use crate::route::{DefaultSize, Options, View};
use crate::verify::Recipient;

/// A connector to the outside among which a group chooses by cost.
#[derive(Clone, Copy)]
pub(super) struct Exit {
    pub(super) wire: Wire,
    pub(super) group: GroupRef,
    pub(super) cost: u64,
}

/// Whether a limit lets a message through.
pub(super) fn lets_through(message: &Message, limit: SizeLimit) -> bool {
    message.size.is_none_or(|size| limit.passes(size))
}

/// For each group the connectors to the outside among which it chooses when all is up: the most specific ones, whether or
/// not a way leads to them (D29).
pub(super) fn exits(ground: &Ground<'_>, view: &View<'_>, recipient: &Recipient) -> Vec<Vec<Exit>> {
    let org = ground.org;
    let groups = (0..org.routing_groups().len()).map(RoutingGroupIdx::from_usize);
    let Recipient::AddressSpace { example, .. } = recipient else {
        return groups.map(|_| Vec::new()).collect();
    };
    let mut fitting: Vec<(Specificity, Exit, bool)> = Vec::new();
    for (index, connector) in org.connectors().iter_enumerated() {
        let spaces = connector.address_spaces.iter();
        let fits = spaces.filter_map(|space| Some((space.matches(example)?, std::cmp::Reverse(space.cost()))));
        let Some((specificity, std::cmp::Reverse(cost))) = fits.max() else {
            continue;
        };
        let open = view.message.passes(&connector.restrictions)
            && lets_through(view.message, limit(org, view.options, connector))
            && has_source(org, connector);
        let out_of_scope = connector.scoped && home(connector).is_none();
        if open && !out_of_scope {
            let exit = Exit {
                wire: Wire::Outside(index),
                group: home(connector).map_or(GroupRef::Exchange2007, GroupRef::Legacy),
                cost: u64::from(cost),
            };
            fitting.push((specificity, exit, connector.scoped));
        }
    }
    groups
        .map(|group| {
            let here = GroupRef::Legacy(group);
            let seen = fitting.iter().filter(|(_, exit, scoped)| !scoped || exit.group == here);
            let best = seen.clone().map(|(specificity, ..)| *specificity).max();
            let most_specific = seen.filter(|(specificity, ..)| Some(*specificity) == best);
            most_specific.map(|(_, exit, _)| *exit).collect()
        })
        .collect()
}

/// D30, once more.
fn limit(org: &Organization, options: Options, connector: &Connector) -> SizeLimit {
    match connector.max_message_size {
        Some(limit) => limit,
        None if options.default_size == DefaultSize::None || connector.kind != ConnectorKind::Send => {
            SizeLimit::Unlimited
        }
        None => {
            let usable = connector.source_servers.iter().filter(|server| {
                org.transport_site(**server).is_some()
                    || org
                        .subscribed_site(**server)
                        .is_some_and(|site| org.has_transport(site))
            });
            let newest = usable.map(|server| org.servers()[*server].version.generation()).max();
            let megabytes = if newest == Some(Generation::Exchange2013) {
                35
            } else {
                10
            };
            SizeLimit::Bytes(megabytes << 20)
        }
    }
}
