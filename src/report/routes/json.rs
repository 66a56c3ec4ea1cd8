//! Routes as JSON: the bytes of [`RouteRecord`], put together from names that are written once.
//!
//! [`RouteRecord`]: crate::report::record::RouteRecord

use super::words::{Kind, Words, push_number};
use crate::model::{Node, Organization, ServerIdx};
use crate::report::record::{clause_word, relay_word};
use crate::route::Plan;

/// What all records share.
pub(super) struct Records {
    /// With the comma that stands between the items of a list, so that an item is one copy.
    words: Words,
}

impl Records {
    pub(super) fn new(org: &Organization) -> Records {
        let words = Words::new(org, |text, kind, name| {
            let name = quoted(name);
            match kind {
                Kind::Site => text.extend(["{\"site\":", &name, "},"]),
                Kind::RoutingGroup => text.extend(["{\"routing_group\":", &name, "},"]),
                Kind::Leg => text.extend([&name, ","]),
            }
        });
        Records { words }
    }

    /// What every record of a sender begins with: to be appended before the destination.
    pub(super) fn head(&self, org: &Organization, from: Node, server: Option<ServerIdx>) -> String {
        let mut head = format!("{{\"from\":{}", self.words.node(from).0);
        if let Some(server) = server {
            head.extend(["\"server\":", &quoted(org.servers()[server].name.as_str()), ","]);
        }
        head.push_str("\"to\":");
        head
    }

    /// Appends a record without what separates it from the next.
    pub(super) fn push(&self, out: &mut Vec<u8>, head: &str, to: Node, plan: Option<&Plan>) {
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(self.words.node(to).0.as_bytes());
        match plan {
            None => out.extend_from_slice(b"\"outcome\":\"unreachable\"}"),
            Some(plan) => self.push_plan(out, plan),
        }
    }

    fn push_plan(&self, out: &mut Vec<u8>, plan: &Plan) {
        let node = |node: &Node| self.words.node(*node).0;
        let mut number = |before: &str, value: u64| {
            out.extend_from_slice(before.as_bytes());
            push_number(out, value);
        };
        number("\"outcome\":\"route\",\"routing_group_cost\":", plan.routing_group_cost);
        number(",\"site_cost\":", plan.site_cost);
        number(",\"hops\":", plan.hops() as u64);
        push_list(out, ",\"path\":[", plan.path.iter().map(node));
        push_list(out, ",\"links\":[", plan.legs.iter().map(|leg| self.words.leg(*leg).0));
        let backoff = plan.backoff.iter().map(|site| self.words.node(Node::Site(*site)).0);
        let mut push = |text: &str| out.extend_from_slice(text.as_bytes());
        push(",\"next_hop\":");
        push(node(&plan.next_hop));
        push("\"relay\":\"");
        push(relay_word(plan.relay));
        push_list(out, "\",\"backoff\":[", backoff);
        let mut push = |text: &str| out.extend_from_slice(text.as_bytes());
        push(",\"decided_by\":\"");
        push(clause_word(plan.decided_by));
        push(if plan.ambiguous {
            "\",\"ambiguous\":true}"
        } else {
            "\"}"
        });
    }
}

fn quoted(name: &str) -> String {
    serde_json::to_string(name).expect("text can be written as JSON")
}

/// Appends a list of items, each of which ends in a comma.
fn push_list<'t>(out: &mut Vec<u8>, open: &str, texts: impl Iterator<Item = &'t str>) {
    out.extend_from_slice(open.as_bytes());
    texts.for_each(|text| out.extend_from_slice(text.as_bytes()));
    match out.last_mut() {
        Some(comma) if *comma == b',' => *comma = b']',
        _ => out.push(b']'),
    }
}
