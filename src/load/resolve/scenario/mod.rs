//! From a [`ScenarioDocument`] to a [`Scenario`].
//!
//! The topology is resolved by the module above, and so before; what is left is to find what the names mean and to tell
//! what cannot be simulated as it is written. Where something is wrong with the topology too, the scenario is checked all
//! the same, as far as the topology is known.

mod configuration;
mod events;
mod expect;
mod known;
mod messages;
mod settings;

use std::time::Duration;

pub(in crate::load) use self::known::Ground;
use self::known::{Kind, Known};
use super::names::Names;
use super::place::{Place, Problems, period, value_or};
use super::span_of;
use crate::diagnostic::Problem;
use crate::load::document::{Leaf, Period, ScenarioDocument};
use crate::model::{
    self, Delay, Expectation, MessageIdx, NameOrder, Organization, Peer, PeerIdx, Scenario, ScenarioEvent, Settings,
    SimTime, Submission, period_text,
};

/// Resolves and checks a scenario about `organization`, which is that of its field `topology`.
///
/// The order of messages, peers and delays in the file has no influence on the scenario, [`crate::diagnostic::Span`]s
/// apart; the order of events and expectations is kept. O(n log n) in the size of scenario and organization.
///
/// # Errors
/// Every problem of the scenario, in the order of the file: a required field left out, an id or name that is taken, a
/// reference to nothing or to more than one thing, an instant after the end, a field that an event of its kind does not
/// take, an expectation of a recipient that the message cannot have.
pub fn resolve_scenario(document: &ScenarioDocument, organization: &Organization) -> Result<Scenario, Vec<Problem>> {
    let mut problems = Problems::default();
    let checked = check(
        document,
        Ground::Organization(organization),
        organization.name_order(),
        &mut problems,
    );
    problems.into_result()?;
    Ok(checked.put_together(organization.name_order()))
}

/// What is wrong with a scenario whose topology is not an organization.
pub(in crate::load) fn scenario_problems(document: &ScenarioDocument, ground: Ground<'_>) -> Vec<Problem> {
    let mut problems = Problems::default();
    check(document, ground, NameOrder::default(), &mut problems);
    problems.into_result().err().unwrap_or_default()
}

/// A scenario record by record, each in the order of the file.
struct Checked {
    settings: Settings,
    peers: (Names<PeerIdx>, Vec<Option<Peer>>),
    delays: Vec<Delay>,
    messages: Vec<Submission>,
    events: Vec<ScenarioEvent>,
    /// Each with the position of its message.
    expectations: Vec<(usize, Expectation)>,
}

fn check(document: &ScenarioDocument, ground: Ground<'_>, order: NameOrder, problems: &mut Problems) -> Checked {
    let records = document.peers.iter().map(|entry| (entry.span, &entry.name));
    let peer_names: Names<PeerIdx> = Names::allocate("peer", ("peers", "name"), records, order, problems);
    let known = Known::new(ground, peer_names);
    let settings = settings::settings(document, problems);
    let clock = Clock { until: settings.until };
    let peers = peers(document, &known, problems);
    let delays = delays(document, &known, problems);
    let records = document.messages.iter().map(|entry| (entry.span, &entry.id));
    // The index of a message is given by its instant first, so that only positions in the file are asked of these names.
    let ids: Names<MessageIdx> = Names::allocate("message", ("messages", "id"), records, order, problems);
    let messages = messages::messages(document, &ids, &known, clock, problems);
    let (events, joined) = events::events(document, &known, clock, problems);
    let expectations = expect::expectations(document, &ids, &known, &joined, clock, problems);
    Checked {
        settings,
        peers: (known.peers, peers),
        delays,
        messages,
        events,
        expectations,
    }
}

impl Checked {
    /// The scenario. Only to be called when no problem was found.
    fn put_together(self, order: NameOrder) -> Scenario {
        let mut messages: Vec<_> = self.messages.into_iter().enumerate().collect();
        messages.sort_by(|(_, a), (_, b)| a.at.cmp(&b.at).then_with(|| order.compare(&a.id, &b.id)));
        let mut index_of = vec![MessageIdx::from_usize(0); messages.len()];
        for (index, (position, _)) in messages.iter().enumerate() {
            index_of[*position] = MessageIdx::from_usize(index);
        }
        let mut events = self.events;
        events.sort_by_key(|event| event.at);
        let expectations = self.expectations.into_iter();
        Scenario {
            settings: self.settings,
            peers: self.peers.0.arrange(self.peers.1),
            delays: self.delays,
            messages: messages.into_iter().map(|(_, message)| message).collect(),
            events,
            expectations: expectations
                .map(|(message, expectation)| Expectation {
                    message: index_of[message],
                    ..expectation
                })
                .collect(),
        }
    }
}

/// How long the simulation goes on.
#[derive(Clone, Copy)]
struct Clock {
    until: Duration,
}

impl Clock {
    /// The instant in a field, when it is there; one after the end is a problem.
    fn instant(
        self,
        leaf: &Leaf<Period>,
        record: &Place<'_>,
        field: &'static str,
        problems: &mut Problems,
    ) -> Option<SimTime> {
        let after = period(leaf)?;
        if after > self.until {
            let here = record.field(field, span_of(leaf));
            let until = period_text(self.until);
            problems.push(
                here.problem(format!("{} is after the end of the simulation", period_text(after)))
                    .help(format!("it ends after {until}; `until` in `settings` changes that")),
            );
        }
        Some(SimTime::ZERO + after)
    }

    /// The same for a field that may not be left out.
    fn required(
        self,
        leaf: &Leaf<Period>,
        record: &Place<'_>,
        field: &'static str,
        problems: &mut Problems,
    ) -> Option<SimTime> {
        problems.required(leaf, record, field)?;
        self.instant(leaf, record, field, problems)
    }
}

/// The period in a field, when it is there; one of no length is a problem, for nothing would ever happen between two tries.
fn some_time(
    leaf: &Leaf<Period>,
    record: &Place<'_>,
    field: &'static str,
    problems: &mut Problems,
) -> Option<Duration> {
    let value = period(leaf)?;
    // What is shorter than a millisecond cannot be written.
    if value.is_zero() {
        let here = record.field(field, span_of(leaf));
        problems.push(
            here.problem(format!("`{field}` is no time at all"))
                .help("the shortest is \"1ms\""),
        );
    }
    Some(value)
}

/// The peers in the order of the file.
fn peers(document: &ScenarioDocument, known: &Known<'_>, problems: &mut Problems) -> Vec<Option<Peer>> {
    let list = Place::top("peers");
    let peers = document.peers.iter().enumerate().map(|(position, entry)| {
        let record = list.item(position, entry.span);
        let name = known.peers.of_record(position);
        if known.servers.find(name.as_str()).is_some() {
            let here = record.field("name", span_of(&entry.name));
            problems.push(
                here.problem(format!("\"{name}\" is a server of the topology"))
                    .help("a peer is outside the organization: give it another name"),
            );
        }
        Some(Peer {
            name,
            shadow: value_or(&entry.shadow, false),
            ack_timeout: some_time(&entry.ack_timeout, &record, "ack_timeout", problems),
            span: entry.span,
        })
    });
    peers.collect()
}

/// The delays, by their ends.
fn delays(document: &ScenarioDocument, known: &Known<'_>, problems: &mut Problems) -> Vec<Delay> {
    const ENDS: [Kind; 3] = [Kind::Server, Kind::Site, Kind::Peer];
    let list = Place::top("delays");
    let mut found = indexmap::IndexMap::new();
    for (position, entry) in document.delays.iter().enumerate() {
        let record = list.item(position, entry.span);
        let from = known.required(&entry.from, &ENDS, &record, "from", problems);
        let to = known.required(&entry.to, &ENDS, &record, "to", problems);
        let delay = problems.required(&entry.delay, &record, "delay");
        let place = |thing: Option<known::Thing>| thing.and_then(known::Thing::place);
        let (Some(from), Some(to), Some(delay)) = (place(from), place(to), delay) else {
            continue;
        };
        if matches!((from, to), (model::Place::Peer(_), model::Place::Peer(_))) {
            let problem = record.problem("a delay between two peers");
            problems.push(problem.help("mail between systems outside is not simulated: leave it out"));
        }
        let delay = Delay {
            from,
            to,
            delay: delay.value.into(),
        };
        match found.entry((from, to)) {
            indexmap::map::Entry::Occupied(first) => {
                let (_, span) = first.get();
                problems.push(
                    record
                        .problem("the delay between these two is given twice")
                        .label(*span, "first given here")
                        .help("remove one of the two"),
                );
            }
            indexmap::map::Entry::Vacant(place) => {
                place.insert((delay, entry.span));
            }
        }
    }
    let mut delays: Vec<Delay> = found.into_values().map(|(delay, _)| delay).collect();
    delays.sort_by_key(|delay| (delay.from, delay.to));
    delays
}
