//! Routers and plans of two organizations, matched by name.

use std::cmp::Ordering;

use super::{Change, ChangeRecord, Totals};
use crate::model::{Name, Node, Organization};
use crate::report::record::{NodeRecord, PlanRecord, leg_name};
use crate::route::{Plan, Sender, View};

/// A router in both organizations, or in one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) old: Option<Node>,
    pub(super) new: Option<Node>,
}

impl Pair {
    pub(super) fn is_added(&self) -> bool {
        self.old.is_none()
    }

    pub(super) fn is_removed(&self) -> bool {
        self.new.is_none()
    }

    /// The organization that knows it, the new one if both do, and the node there.
    pub(super) fn known<'a>(&self, old: &View<'a>, new: &View<'a>) -> (&'a Organization, Node) {
        match (self.new, self.old) {
            (Some(node), _) => (new.org, node),
            (None, Some(node)) => (old.org, node),
            (None, None) => unreachable!("a pair has a router"),
        }
    }

    pub(super) fn record<'a>(&self, old: &View<'a>, new: &View<'a>) -> NodeRecord<'a> {
        let (org, node) = self.known(old, new);
        NodeRecord::new(org, node)
    }
}

/// The routers of both organizations: sites before routing groups, then by name.
pub(super) fn pairs(old: &View<'_>, new: &View<'_>) -> Vec<Pair> {
    let mut olds = old.org.routers().peekable();
    let mut news = new.org.routers().peekable();
    let mut pairs = Vec::new();
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => return pairs,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => compare(old.org, *a, new.org, *b),
        };
        pairs.push(Pair {
            old: if order.is_le() { olds.next() } else { None },
            new: if order.is_ge() { news.next() } else { None },
        });
    }
}

fn compare(old: &Organization, a: Node, new: &Organization, b: Node) -> Ordering {
    let is_group = |node: Node| matches!(node, Node::RoutingGroup(_));
    let names = || new.name_order().compare(old.node_name(a), new.node_name(b));
    // Names that differ in case alone are one name, however names are ordered.
    let same = old.node_name(a) == new.node_name(b);
    is_group(a)
        .cmp(&is_group(b))
        .then_with(|| if same { Ordering::Equal } else { names() })
}

/// A route that is not what it was.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    pub(super) to: Pair,
    pub(super) change: Change,
    pub(super) moved: Vec<&'static str>,
    pub(super) before: Option<Plan>,
    pub(super) after: Option<Plan>,
}

impl Changed {
    pub(super) fn record<'a>(&self, old: &View<'a>, new: &View<'a>, from: &Pair) -> ChangeRecord<'a> {
        ChangeRecord {
            from: from.record(old, new),
            to: self.to.record(old, new),
            change: self.change,
            moved: self.moved.clone(),
            before: self.before.as_ref().map(|plan| PlanRecord::new(old.org, plan)),
            after: self.after.as_ref().map(|plan| PlanRecord::new(new.org, plan)),
        }
    }
}

/// What became of the routes of one sender.
pub(super) fn changes(old: &View<'_>, new: &View<'_>, from: &Pair, all: &[Pair]) -> (Totals, Vec<Changed>) {
    let mut before = table(old, from.old).into_iter().peekable();
    let mut after = table(new, from.new).into_iter().peekable();
    let mut totals = Totals::default();
    let mut changed = Vec::new();
    for to in all {
        // Both tables are in the order of `all`.
        let was = before
            .next_if(|(node, _)| Some(*node) == to.old)
            .and_then(|(_, plan)| plan);
        let is = after
            .next_if(|(node, _)| Some(*node) == to.new)
            .and_then(|(_, plan)| plan);
        let (change, moved) = match (&was, &is) {
            (None, None) => continue,
            (None, Some(_)) => (Change::Appears, Vec::new()),
            (Some(_), None) => (Change::Disappears, Vec::new()),
            (Some(a), Some(b)) => match moved(old.org, a, new.org, b) {
                moved if moved.is_empty() => {
                    totals.same += 1;
                    continue;
                }
                moved => (Change::Moves, moved),
            },
        };
        match change {
            Change::Moves => totals.moves += 1,
            Change::Appears => totals.appears += 1,
            Change::Disappears => totals.disappears += 1,
        }
        changed.push(Changed {
            to: *to,
            change,
            moved,
            before: was,
            after: is,
        });
    }
    (totals, changed)
}

fn table(view: &View<'_>, from: Option<Node>) -> Vec<(Node, Option<Plan>)> {
    let sender = from.and_then(|node| Sender::node(view.org, node));
    sender.map_or_else(Vec::new, |sender| view.table(sender))
}

/// The fields of a route that differ. Which rule decided is no part of the route.
fn moved(old: &Organization, a: &Plan, new: &Organization, b: &Plan) -> Vec<&'static str> {
    let same = |x: Node, y: Node| compare(old, x, new, y).is_eq();
    let all = |xs: &[Node], ys: &[Node]| xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| same(*x, *y));
    let sites = |plan: &Plan| plan.backoff.iter().copied().map(Node::Site).collect::<Vec<_>>();
    let same_name = |x: &str, y: &str| x == y || Name::fold(x) == Name::fold(y);
    let links = a.legs.len() == b.legs.len()
        && a.legs
            .iter()
            .zip(&b.legs)
            .all(|(x, y)| same_name(leg_name(old, *x), leg_name(new, *y)));
    let fields = [
        ("routing_group_cost", a.routing_group_cost == b.routing_group_cost),
        ("site_cost", a.site_cost == b.site_cost),
        ("path", all(&a.path, &b.path)),
        ("links", links),
        ("next_hop", same(a.next_hop, b.next_hop)),
        ("relay", a.relay == b.relay),
        ("backoff", all(&sites(a), &sites(b))),
    ];
    fields
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(field, _)| field)
        .collect()
}
