//! Edits that can end a loop. Whatever ends it makes a router of the circle choose otherwise, so that at least one of these is
//! among them:
//!
//! * a group of the circle no longer takes its way: a connector on it becomes dearer or goes (of connectors elsewhere that changes
//!   nothing);
//! * another way becomes cheaper, or open: by a cost anywhere, a limit or a list that refuses the message, a connector more;
//! * a failure is no longer believed, or believed by more groups: a suppression, a master;
//! * servers of 2007 RTM, or legacy ones, see other connectors: a service pack, a disabled connector that is gone.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Edit;
use crate::linkstate::{self, has_table};
use crate::model::{
    ConnectorKind, ConnectorRef, GroupRef, Message, Node, Organization, RoutingGroupConnectorIdx, RoutingGroupIdx,
    ServerIdx, SizeLimit, Version,
};
use crate::route::DefaultSize;
use crate::verify::why::reasons_of;
use crate::verify::{Recipient, Router, Verification, Why, Witness, World, all_reasons};

/// Costs that consoles allow.
const COSTS: std::ops::RangeInclusive<u32> = 1..=100;

/// The ends of that scale.
pub(super) const COST_ENDS: [u32; 2] = [1, 100];

/// Routing-group connectors up to which every edit is a candidate, those too that no witness suggests.
const ALL_UP_TO: usize = 64;

/// How far candidates are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breadth {
    /// What the loop itself suggests, of costs the ends of the scale.
    Near,
    /// In small organizations everything; of costs the ends of the scale.
    Wide,
    /// The same, with every cost.
    EveryCost,
}

/// A loop in an organization, and by what its routers went.
pub(super) struct Suspect<'s> {
    pub(super) world: &'s World<'s>,
    pub(super) recipient: &'s Recipient,
    pub(super) message: Message,
    pub(super) witness: &'s Witness,
    /// Left empty, they are worked out when somebody asks: most tries end before.
    pub(super) reasons: OnceCell<Vec<Why>>,
}

/// What every witness suggests, by weight, those that take a way away after the others, those that touch a circle itself before what
/// is beside it, then in the order of [`Edit`].
pub(super) fn suggested(world: &World<'_>, verification: &Verification) -> Vec<Edit> {
    let same = Before::new(world.org, world.org);
    let mut found = BTreeSet::new();
    let reasons = all_reasons(world, verification);
    for (witness, reasons) in verification.witnesses.iter().zip(reasons) {
        let suspect = Suspect {
            world,
            recipient: &verification.recipients[witness.recipient],
            message: verification.classes[witness.class].message(),
            witness,
            reasons: OnceCell::from(reasons),
        };
        found.extend(suspect.candidates(&same, Breadth::Near));
    }
    let mut found: Vec<Edit> = found.into_iter().collect();
    let circled = circled(verification);
    found.sort_by_key(|edit| (edit.weight(), edit.takes_away(), is_beside(edit, &circled)));
    found
}

/// What connectors of a changed organization were before: edits are told by the positions of that time.
pub(super) struct Before {
    /// By folded name; `None`: nothing moved.
    names: Option<BTreeMap<String, ConnectorRef>>,
}

impl Before {
    pub(super) fn new(before: &Organization, after: &Organization) -> Before {
        let same = before.routing_group_connectors().len() == after.routing_group_connectors().len()
            && before.connectors().len() == after.connectors().len();
        let named = |connector: ConnectorRef| (before.connector_name(connector).folded().to_owned(), connector);
        Before {
            names: (!same).then(|| before.connectors_of_both_kinds().into_iter().map(named).collect()),
        }
    }

    /// `None`: a change made it.
    fn of(&self, after: &Organization, connector: ConnectorRef) -> Option<ConnectorRef> {
        match &self.names {
            None => Some(connector),
            Some(names) => names.get(after.connector_name(connector).folded()).copied(),
        }
    }
}

impl Suspect<'_> {
    /// Edits of the organization of before, at least one of which ends the loop or is among several that do.
    pub(super) fn candidates(&self, before: &Before, breadth: Breadth) -> BTreeSet<Edit> {
        let org = self.world.org;
        let wide = breadth != Breadth::Near && org.routing_group_connectors().len() <= ALL_UP_TO;
        let mut found = BTreeSet::new();
        self.of_failures(&mut found);
        self.of_refusals(before, &mut found);
        self.of_connectors(before, breadth, wide, &mut found);
        self.of_masters(wide, &mut found);
        self.of_attachments(wide, &mut found);
        self.of_old_servers(wide, &mut found);
        // Only mail to the outside goes by what legacy servers see of it (R50).
        if let Recipient::AddressSpace { .. } = self.recipient {
            for (index, connector) in org.connectors().iter_enumerated() {
                if !connector.enabled
                    && !connector.kind.is_legacy()
                    && let Some(ConnectorRef::External(index)) = before.of(org, ConnectorRef::External(index))
                {
                    found.insert(Edit::DeleteDisabled(index));
                }
            }
        }
        found
    }

    /// Whoever does not report a failure keeps the connector up in everybody's eyes: one server is enough for a connector (Q7), and
    /// one at which several start may serve for all of them.
    fn of_failures(&self, found: &mut BTreeSet<Edit>) {
        for position in &self.witness.failed {
            found.extend(silencers(self.world, *position).into_iter().map(Edit::Suppress));
        }
    }

    /// What refuses the message is opened to it, wherever it is: behind one refusal there may be another.
    fn of_refusals(&self, before: &Before, found: &mut BTreeSet<Edit>) {
        let org = self.world.org;
        for connector in org.connectors_of_both_kinds() {
            let limit = match connector {
                ConnectorRef::RoutingGroup(index) => org.routing_group_connectors()[index].max_message_size,
                ConnectorRef::External(index) => {
                    if !self.serves(connector) {
                        continue;
                    }
                    let external = &org.connectors()[index];
                    let product = self.world.options.default_size == DefaultSize::Product;
                    match external.max_message_size {
                        None if product && external.kind == ConnectorKind::Send => SizeLimit::Bytes(0),
                        limit => limit.unwrap_or(SizeLimit::Unlimited),
                    }
                }
            };
            let Some(index) = before.of(org, connector) else {
                continue;
            };
            if self.message.size.is_some_and(|size| !limit.passes(size)) {
                found.insert(Edit::LiftLimit(index));
            }
            if !self.message.passes(org.restrictions(connector)) {
                found.insert(Edit::LiftRestrictions(index));
            }
        }
    }

    /// Whether the recipient may be reached over a connector to the outside.
    fn serves(&self, connector: ConnectorRef) -> bool {
        match (connector, self.recipient) {
            (ConnectorRef::External(index), Recipient::AddressSpace { example, .. }) => {
                let spaces = &self.world.org.connectors()[index].address_spaces;
                spaces.iter().any(|space| space.matches(example).is_some())
            }
            _ => false,
        }
    }

    /// Costs, and connectors that go.
    fn of_connectors(&self, before: &Before, breadth: Breadth, wide: bool, found: &mut BTreeSet<Edit>) {
        let org = self.world.org;
        let worked_out = || reasons_of(self.world, self.recipient, &self.message, self.witness);
        let reasons = self.reasons.get_or_init(worked_out);
        let own: BTreeSet<ConnectorRef> = reasons.iter().flat_map(|why| why.way.iter().copied()).collect();
        let rejected = reasons.iter().filter_map(|why| why.rejected.as_ref());
        let rivals: BTreeSet<ConnectorRef> = rejected.flat_map(|rejected| rejected.way.iter().copied()).collect();
        let home = self.home().map(GroupRef::Legacy);
        for (index, connector) in org.routing_group_connectors().iter_enumerated() {
            let here = ConnectorRef::RoutingGroup(index);
            let (Some(ConnectorRef::RoutingGroup(index)), Some(_)) =
                (before.of(org, here), self.world.graphs.combined.connector(index))
            else {
                continue;
            };
            let is_own = own.contains(&here);
            // Where the recipient's own attachment dominates, nothing circles (LS-3.2, consequence 3).
            let attaches = connector.from == GroupRef::Exchange2007 && Some(connector.to) == home;
            if !(is_own || wide || attaches || rivals.contains(&here)) {
                continue;
            }
            if is_own {
                found.insert(Edit::Remove(index));
            }
            let useful = |cost: &u32| *cost < connector.cost || (is_own && *cost > connector.cost);
            match breadth {
                Breadth::EveryCost => found.extend(COSTS.filter(useful).map(|cost| Edit::SetCost(index, cost))),
                _ => {
                    let ends = COST_ENDS.into_iter().filter(useful);
                    found.extend(ends.map(|cost| Edit::SetCost(index, cost)));
                }
            }
        }
    }

    /// Stale groups get a master. Of 5.5 servers nothing is asked: with or without dearer routes they hear of no failure but
    /// their own, and what waits at those would go on only to circle (V14).
    fn of_masters(&self, wide: bool, found: &mut BTreeSet<Edit>) {
        let org = self.world.org;
        for (group, entry) in org.routing_groups().iter_enumerated() {
            let circles = self.witness.circle.contains(&Router::Group(group));
            if entry.is_stale() && (wide || circles) {
                let mut servers = org.group_servers(group).iter();
                let able = servers.find(|server| has_table(org, **server));
                found.extend(able.map(|server| Edit::AppointMaster(group, *server)));
            }
        }
    }

    /// Connectors with the 2007 group, for groups that it sends nothing to.
    fn of_attachments(&self, wide: bool, found: &mut BTreeSet<Edit>) {
        let org = self.world.org;
        let crossings = self.world.network.starting_at(GroupRef::Exchange2007);
        let attached: BTreeSet<GroupRef> = crossings.iter().map(|crossing| crossing.other).collect();
        let hubs = self.hubs(wide);
        for (group, _) in org.routing_groups().iter_enumerated() {
            let wanted = wide || self.home() == Some(group);
            let able = org.group_servers(group).iter().any(|server| has_table(org, *server));
            if wanted && able && !attached.contains(&GroupRef::Legacy(group)) {
                found.extend(hubs.iter().map(|hub| Edit::Connect(group, *hub)));
            }
        }
    }

    /// Servers that connectors from the 2007 group may start at: those of the first such connector, or one of every generation in
    /// every site.
    fn hubs(&self, wide: bool) -> Vec<ServerIdx> {
        let org = self.world.org;
        let Some(crossing) = self.world.network.starting_at(GroupRef::Exchange2007).first() else {
            return Vec::new();
        };
        let used = self.world.graphs.combined.sources(crossing.connector).first().copied();
        let mut hubs: Vec<ServerIdx> = used.into_iter().collect();
        if wide {
            let place = |server: ServerIdx| (org.transport_site(server), org.servers()[server].version.generation());
            for (site, _) in org.sites().iter_enumerated() {
                for server in org.transport_servers(site) {
                    if !hubs.iter().any(|known| place(*known) == place(*server)) {
                        hubs.push(*server);
                    }
                }
            }
        }
        hubs
    }

    /// Service Pack 1 for RTM servers.
    fn of_old_servers(&self, wide: bool, found: &mut BTreeSet<Edit>) {
        let org = self.world.org;
        for (site, _) in org.sites().iter_enumerated() {
            let holds = |router: &Router| router.node() == Node::Site(site);
            if wide || self.witness.circle.iter().any(holds) {
                let servers = org.transport_servers(site).iter();
                let rtm = servers.filter(|server| org.servers()[**server].version == Version::Exchange2007Rtm);
                found.extend(rtm.map(|server| Edit::Upgrade(*server)));
            }
        }
    }

    /// The recipient's group.
    fn home(&self) -> Option<RoutingGroupIdx> {
        match self.recipient {
            Recipient::Node(Node::RoutingGroup(group)) => Some(*group),
            _ => None,
        }
    }
}

/// The servers any of which keeps a connector up in everybody's eyes once it suppresses state changes: 5.5 reads no such value
/// (LS-1.7).
pub(super) fn silencers(world: &World<'_>, position: u32) -> Vec<ServerIdx> {
    let connector = world.beliefs.believable().connector(position);
    let mut sources = linkstate::sources(world.org, &world.graphs.combined, connector);
    sources.retain(|server| has_table(world.org, *server));
    sources
}

/// Whether an edit sets a cost between the ends of the scale.
pub(super) fn is_between(edit: &Edit) -> bool {
    matches!(edit, Edit::SetCost(_, cost) if !COST_ENDS.contains(cost))
}

/// The connectors that are crossed on some circle.
pub(super) fn circled(verification: &Verification) -> BTreeSet<RoutingGroupConnectorIdx> {
    let steps = verification.witnesses.iter().flat_map(|witness| &witness.steps);
    steps.filter_map(|step| step.over).collect()
}

/// Whether an edit sets the cost of another connector, or removes it.
pub(super) fn is_beside(edit: &Edit, circled: &BTreeSet<RoutingGroupConnectorIdx>) -> bool {
    touched(edit).is_some_and(|index| !circled.contains(&index))
}

/// The connector whose cost an edit sets, or that it removes.
pub(super) fn touched(edit: &Edit) -> Option<RoutingGroupConnectorIdx> {
    match edit {
        Edit::SetCost(index, _) | Edit::Remove(index) => Some(*index),
        _ => None,
    }
}
