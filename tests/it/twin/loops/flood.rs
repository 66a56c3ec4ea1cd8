//! Loops while news is under way: every set of failures, every moment of its news, every group by what it acts on then.
//!
//! What each group acts on is given. Written down from the documents are the walk, and which laps carry the news themselves (LS-1.6):
//!
//! 29. A connector teaches when its ends are groups of one island that both act on failures, and all its usable servers are of
//!     2000/2003 and not blocked. Sent over it, mail between groups that act on different news is an end: tables are compared
//!     before it is routed, and one of the two acts differently then.
//! 30. A circle that is settled with the same failures or some of them is none of news, nor is one that the news of a smaller set has.
//!     It is told as it is at the first moment that has it, with every spell of moments that have it without a gap.

use serde_json::{Value, json};

use super::super::Options;
use super::super::org::{Org, Place};
use super::super::route::place_json;
use super::classes::{MessageClass, Recipient, all_recipients, message_classes};
use super::link_state::{Wire, name};
use super::routers::Network;
use super::witnesses::{Loop, classes_json, listed_once, loops_in, record, sets_up_to, sort};

/// What every group acts on from some moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// `failure` or `end`.
    pub(crate) after: &'static str,
    /// Seconds since.
    pub(crate) from: u64,
    /// Groups by name, with the connectors that each takes to be down.
    pub(crate) acting: Vec<(String, Vec<String>)>,
}

/// `from` and `until` of a spell, in seconds after one of the two.
type Spell = (&'static str, u64, Option<u64>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct UnderWay {
    found: Loop,
    spells: Vec<Spell>,
    acting: Value,
}

/// What `transient` of the contract's `verify` says of news. `moments` says of connectors by name what comes of their failure.
///
/// # Panics
///
/// On a file that is not valid.
pub(crate) fn under_way(
    text: &str,
    options: &Options,
    most: usize,
    moments: &mut dyn FnMut(&[String]) -> Vec<Moment>,
) -> Value {
    let network = Network::parse(text, options);
    let recipients = all_recipients(&network.org);
    let classes = message_classes(&[text], options);
    let sets = sets_up_to(most, &network.link_state.believable(&network.org));
    let with_news: Vec<(Vec<Wire>, Vec<Moment>)> = sets
        .into_iter()
        .map(|set| {
            let names: Vec<String> = set
                .iter()
                .map(|&wire| name(&network.org, wire).written.clone())
                .collect();
            let moments = moments(&names);
            (set, moments)
        })
        .collect();
    let mut records = Vec::new();
    for to in &recipients {
        let by_class: Vec<Vec<UnderWay>> = classes
            .iter()
            .map(|class| of_class(&network, class, to, &with_news))
            .collect();
        let listed = listed_once(&by_class);
        let mut order: Vec<(Loop, Vec<usize>)> =
            listed.iter().map(|(one, at)| (one.found.clone(), at.clone())).collect();
        sort(&network, &mut order);
        for (found, at) in order {
            let (one, _) = listed
                .iter()
                .find(|(one, of)| one.found == found && *of == at)
                .expect("it was listed");
            let mut witness = record(&network, to, &found, classes_json(&classes, &at));
            let spell = |(after, from, until): &Spell| json!({ "after": after, "from": from, "until": until });
            let spells: Value = one.spells.iter().map(spell).collect();
            witness["views"] = json!({ "previous": [], "news": { "spells": spells, "acting": one.acting } });
            records.push(witness);
        }
    }
    Value::Array(records)
}

fn of_class(
    network: &Network,
    class: &MessageClass,
    to: &Recipient,
    sets: &[(Vec<Wire>, Vec<Moment>)],
) -> Vec<UnderWay> {
    let message = class.message();
    let mut settled: Vec<Loop> = Vec::new();
    let mut found: Vec<UnderWay> = Vec::new();
    for (failed, moments) in sets {
        settled.extend(loops_in(
            network,
            &network.graph(&message, &to.target, failed, None),
            failed,
        ));
        let of_smaller = found.clone();
        let mut of_set: Vec<(UnderWay, usize)> = Vec::new();
        for (at, moment) in moments.iter().enumerate() {
            let down: &[Wire] = if moment.after == "failure" { failed } else { &[] };
            let acts_on = |group: usize| acts_on(&network.org, moment, group);
            let graph = network.graph_acting(&message, &to.target, down, &acts_on);
            let next = moments.get(at + 1).filter(|next| next.after == moment.after);
            let spell = (moment.after, moment.from, next.map(|next| next.from));
            for one in loops_in(network, &graph, failed) {
                let is_within =
                    |other: &Loop| other.cycle == one.cycle && other.failed.iter().all(|wire| failed.contains(wire));
                if settled.iter().any(is_within) || of_smaller.iter().any(|other| is_within(&other.found)) {
                    continue;
                }
                match of_set.iter_mut().find(|(other, _)| other.found.cycle == one.cycle) {
                    Some((other, last)) => {
                        let spells = &mut other.spells;
                        match spells.last_mut() {
                            Some(last_spell) if *last + 1 == at && last_spell.0 == moment.after => {
                                last_spell.2 = spell.2
                            }
                            _ => spells.push(spell),
                        }
                        *last = at;
                    }
                    None => {
                        let acting = acting(network, &one, moment);
                        let spells = vec![spell];
                        of_set.push((
                            UnderWay {
                                found: one,
                                spells,
                                acting,
                            },
                            at,
                        ));
                    }
                }
            }
        }
        found.extend(of_set.into_iter().map(|(one, _)| one));
    }
    found
}

fn acts_on(org: &Org, moment: &Moment, group: usize) -> Vec<Wire> {
    let here = &org.groups[group].name.written;
    let (_, down) = moment
        .acting
        .iter()
        .find(|(name, _)| name == here)
        .expect("every group is told of");
    let between = (0..org.group_connectors.len()).map(Wire::Between);
    let all = between.chain((0..org.connectors.len()).map(Wire::Outside));
    all.filter(|&wire| down.contains(&name(org, wire).written)).collect()
}

/// Groups of the circle, in its order, with what they act on.
fn acting(network: &Network, found: &Loop, moment: &Moment) -> Value {
    let nodes = super::witnesses::places(network);
    let groups = found.cycle.iter().filter_map(|&at| match nodes[at] {
        Place::Group(group) => Some(group),
        Place::Site(_) => None,
    });
    groups
        .map(|group| {
            let mut down = acts_on(&network.org, moment, group);
            down.sort_by_key(|&wire| name(&network.org, wire));
            let down: Value = down
                .iter()
                .map(|&wire| json!(name(&network.org, wire).written))
                .collect();
            json!({ "at": place_json(&network.org, Place::Group(group)), "down": down })
        })
        .collect()
}
