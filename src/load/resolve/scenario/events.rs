//! The events of a scenario.

use indexmap::{IndexMap, IndexSet};

use super::super::place::{Place, Problems, period, value_or};
use super::super::span_of;
use super::known::{Kind, Known, Thing};
use super::messages::distinct;
use super::{Clock, configuration};
use crate::load::document::{EventEntry, EventWord, Leaf, Leaves, ScenarioDocument, TextList};
use crate::load::leaf::Word;
use crate::model::{Address, ConnectorRef, Cut, DatabaseIdx, GroupIdx, ScenarioEvent, ScenarioEventKind, ServerIdx};

/// Places that mail can be cut off from each other at.
const ENDS: [Kind; 3] = [Kind::Server, Kind::Site, Kind::Peer];
/// What the network can be cut at.
const CUT: [Kind; 4] = [Kind::Server, Kind::Site, Kind::Peer, Kind::Link];
/// What has sessions.
const SESSIONS: [Kind; 2] = [Kind::Server, Kind::Peer];

/// Fields of every kind of event.
const COMMON: [&str; 3] = ["at", "kind", "target"];

/// Which addresses are members of a group at one time or another because of events.
pub(super) type Joined = IndexMap<GroupIdx, IndexSet<Address>>;

/// The events in the order of the file, without those that are wrong; and who joins which group.
pub(super) fn events(
    document: &ScenarioDocument,
    known: &Known<'_>,
    clock: Clock,
    problems: &mut Problems,
) -> (Vec<ScenarioEvent>, Joined) {
    let list = Place::top("events");
    let mut joined = Joined::new();
    let mut events = Vec::with_capacity(document.events.len());
    for (position, entry) in document.events.iter().enumerate() {
        let record = list.item(position, entry.span);
        let at = clock.required(&entry.at, &record, "at", problems);
        let Some(kind) = problems.required(&entry.kind, &record, "kind").map(|kind| kind.value) else {
            continue;
        };
        let event = Event {
            entry,
            record: &record,
            known,
        };
        event.refuse_other_fields(kind, problems);
        problems.required(&entry.target, &record, "target");
        let what = event.of_kind(kind, problems);
        if let Some(ScenarioEventKind::GroupChange { group, add, .. }) = &what {
            joined.entry(*group).or_default().extend(add.iter().cloned());
        }
        events.extend(at.zip(what).map(|(at, what)| ScenarioEvent {
            at,
            what,
            span: entry.span,
        }));
    }
    check_former_members(document, known, &joined, problems);
    (events, joined)
}

/// The fields that events of a kind take, [`COMMON`] ones left out.
fn fields_of(kind: EventWord) -> &'static [&'static str] {
    match kind {
        EventWord::ServerDown
        | EventWord::Destroy
        | EventWord::Pause
        | EventWord::ConnectorDown
        | EventWord::ConnectorUp
        | EventWord::Dismount
        | EventWord::Mount => &[],
        EventWord::ServerUp => &["database"],
        EventWord::NetworkCut | EventWord::NetworkRestore => &["other", "one_way"],
        EventWord::Failover => &["to", "lost_log"],
        EventWord::Configuration => &configuration::FIELDS,
        EventWord::Redirect => &["to"],
        EventWord::GroupChange => &["add", "remove"],
        EventWord::SessionCut => &["other"],
    }
}

/// One event while it is read.
pub(super) struct Event<'a> {
    pub(super) entry: &'a EventEntry,
    pub(super) record: &'a Place<'a>,
    pub(super) known: &'a Known<'a>,
}

impl Event<'_> {
    /// Tells of fields that say nothing about an event of this kind.
    fn refuse_other_fields(&self, kind: EventWord, problems: &mut Problems) {
        let takes = fields_of(kind);
        self.refuse(
            kind.word(),
            |field| COMMON.contains(&field) || takes.contains(&field),
            || {
                let fields: Vec<String> = COMMON.iter().chain(takes).map(|field| format!("`{field}`")).collect();
                format!("{} takes {}", kind.word(), listed(&fields))
            },
            problems,
        );
    }

    /// Tells of every given field but those that `takes` names.
    pub(super) fn refuse(
        &self,
        whom: &str,
        takes: impl Fn(&str) -> bool,
        help: impl Fn() -> String,
        problems: &mut Problems,
    ) {
        macro_rules! given {
            ($($field:ident),* $(,)?) => {
                [$((stringify!($field), self.entry.$field.as_ref().map(|leaf| leaf.span))),*]
            };
        }
        let given = given![
            at,
            kind,
            target,
            other,
            one_way,
            database,
            to,
            lost_log,
            add,
            remove,
            enabled,
            cost,
            exchange_cost,
            hub_site,
            source_servers,
            max_message_size,
            smart_hosts,
        ];
        for (field, span) in given {
            if let Some(span) = span.filter(|_| !takes(field)) {
                let here = self.record.field(field, span);
                problems.push(
                    here.problem(format!("`{field}` does not belong to {whom}"))
                        .help(help()),
                );
            }
        }
    }

    fn of_kind(&self, kind: EventWord, problems: &mut Problems) -> Option<ScenarioEventKind> {
        use ScenarioEventKind as What;
        match kind {
            EventWord::ServerDown => self.server(problems).map(What::ServerDown),
            EventWord::ServerUp => {
                let database = value_or(&self.entry.database, Default::default());
                self.server(problems).map(|server| What::ServerUp(server, database))
            }
            EventWord::Destroy => self.server(problems).map(What::Destroy),
            EventWord::Pause => self.server(problems).map(What::Pause),
            EventWord::NetworkCut => self.cut(problems).map(What::NetworkCut),
            EventWord::NetworkRestore => self.cut(problems).map(What::NetworkRestore),
            EventWord::ConnectorDown => self.connector(problems).map(What::ConnectorDown),
            EventWord::ConnectorUp => self.connector(problems).map(What::ConnectorUp),
            EventWord::Dismount => self.database(problems).map(What::Dismount),
            EventWord::Mount => self.database(problems).map(What::Mount),
            EventWord::Failover => self.failover(problems),
            EventWord::Configuration => configuration::edits(self, problems).map(What::Configuration),
            EventWord::Redirect => self.redirect(problems),
            EventWord::GroupChange => self.group_change(problems),
            EventWord::SessionCut => self.session_cut(problems),
        }
    }

    /// What the target means, which has to be of one of these kinds.
    pub(super) fn target(&self, kinds: &[Kind], problems: &mut Problems) -> Option<Thing> {
        self.known
            .optional(&self.entry.target, kinds, self.record, "target", problems)
    }

    fn server(&self, problems: &mut Problems) -> Option<ServerIdx> {
        self.known.server(&self.entry.target, self.record, "target", problems)
    }

    fn connector(&self, problems: &mut Problems) -> Option<ConnectorRef> {
        match self.target(&[Kind::Connector], problems)? {
            Thing::Connector(connector) => Some(connector),
            _ => None,
        }
    }

    fn database(&self, problems: &mut Problems) -> Option<DatabaseIdx> {
        match self.target(&[Kind::Database], problems)? {
            Thing::Database(database) => Some(database),
            _ => None,
        }
    }

    fn cut(&self, problems: &mut Problems) -> Option<Cut> {
        let target = self.target(&CUT, problems);
        let other = self
            .known
            .optional(&self.entry.other, &ENDS, self.record, "other", problems);
        if let Some(Thing::Link(link)) = target {
            self.refuse(
                "a site link",
                |field| !["other", "one_way"].contains(&field),
                || "a site link is cut as a whole: leave it out".to_owned(),
                problems,
            );
            return Some(Cut::SiteLink(link));
        }
        if let (Some(one_way), None) = (&self.entry.one_way, &self.entry.other) {
            let here = self.record.field("one_way", one_way.span);
            problems.push(
                here.problem("`one_way` without `other`")
                    .help("name the other end in `other`: mail from `target` to it is cut"),
            );
        }
        self.refuse_same(target, other, problems);
        let target = target?.place()?;
        if self.entry.other.is_none() {
            return Some(Cut::Off(target));
        }
        let other = other?.place()?;
        Some(match value_or(&self.entry.one_way, false) {
            true => Cut::OneWay(target, other),
            false => Cut::Between(target, other),
        })
    }

    fn session_cut(&self, problems: &mut Problems) -> Option<ScenarioEventKind> {
        let target = self.target(&SESSIONS, problems);
        let other = self
            .known
            .optional(&self.entry.other, &SESSIONS, self.record, "other", problems);
        self.refuse_same(target, other, problems);
        let other = match &self.entry.other {
            Some(_) => Some(other?.place()?),
            None => None,
        };
        Some(ScenarioEventKind::SessionCut {
            place: target?.place()?,
            other,
        })
    }

    /// Tells of two ends that are one.
    fn refuse_same(&self, target: Option<Thing>, other: Option<Thing>, problems: &mut Problems) {
        if target.is_some() && target == other {
            let here = self.record.field("other", span_of(&self.entry.other));
            problems.push(
                here.problem("both ends are the same")
                    .help("name another one in `other`, or leave it out for everybody else"),
            );
        }
    }

    fn failover(&self, problems: &mut Problems) -> Option<ScenarioEventKind> {
        let database = self.database(problems);
        let to = self.known.server(&self.entry.to, self.record, "to", problems);
        if let (Some(database), Some(server)) = (database, to)
            && !self.known.has_copy(database, server)
        {
            let here = self.record.field("to", span_of(&self.entry.to));
            let name = self.known.servers.get(server);
            problems.push(
                here.problem(format!("server \"{name}\" has no copy of this database"))
                    .help("name a server of its `copies`, or leave it out"),
            );
        }
        Some(ScenarioEventKind::Failover {
            database: database?,
            to,
            lost_log: period(&self.entry.lost_log).unwrap_or_default(),
        })
    }

    fn redirect(&self, problems: &mut Problems) -> Option<ScenarioEventKind> {
        let server = self.server(problems);
        let to = self.known.server(&self.entry.to, self.record, "to", problems);
        if server.is_some() && server == to {
            let here = self.record.field("to", span_of(&self.entry.to));
            problems.push(
                here.problem("a server can't take over its own queues")
                    .help("name another server, or leave it out"),
            );
        }
        Some(ScenarioEventKind::Redirect { server: server?, to })
    }

    fn group_change(&self, problems: &mut Problems) -> Option<ScenarioEventKind> {
        let given = |leaf: &Leaf<TextList>| leaf.as_ref().is_some_and(|list| !list.value.0.is_empty());
        if !given(&self.entry.add) && !given(&self.entry.remove) {
            let problem = self.record.problem("this changes nothing");
            problems.push(problem.help("give addresses in `add` or in `remove`"));
        }
        let nothing = Leaves::new();
        let texts = |leaf: &'_ Leaf<TextList>| leaf.as_ref().map_or(nothing.clone(), |list| list.value.0.clone());
        let add = distinct(&texts(&self.entry.add), self.record, "add", problems);
        let remove = distinct(&texts(&self.entry.remove), self.record, "remove", problems);
        let target = self.entry.target.as_ref()?;
        let group = self.known.group(&Address::parse(&target.value));
        if group.is_none() && !self.known.blind {
            let here = self.record.field("target", target.span);
            let mut known = self
                .known
                .group_addresses()
                .map(|address| address.value().as_str())
                .peekable();
            let none = known.peek().is_none();
            let help = problems.suggest(&target.value, known);
            let problem = here.problem(format!("unknown group \"{}\"", target.value));
            problems.push(problem.help(help.unwrap_or_else(|| match none {
                true => "the topology has no group".to_owned(),
                false => "it has to be the address of a distribution group".to_owned(),
            })));
        }
        Some(ScenarioEventKind::GroupChange {
            group: group?,
            add,
            remove,
        })
    }
}

/// Tells of addresses that are removed from a group and are never in it.
fn check_former_members(document: &ScenarioDocument, known: &Known<'_>, joined: &Joined, problems: &mut Problems) {
    let Some(org) = known.organization else { return };
    let mut members: IndexMap<GroupIdx, IndexSet<&Address>> = IndexMap::new();
    let list = Place::top("events");
    for (position, entry) in document.events.iter().enumerate() {
        let (Some(EventWord::GroupChange), Some(target), Some(remove)) =
            (entry.kind.as_ref().map(|kind| kind.value), &entry.target, &entry.remove)
        else {
            continue;
        };
        let Some(group) = known.group(&Address::parse(&target.value)) else {
            continue;
        };
        let members = members.entry(group).or_insert_with(|| {
            org.groups()[group]
                .members
                .iter()
                .chain(joined.get(&group).into_iter().flatten())
                .collect()
        });
        let record = list.item(position, entry.span);
        let field = record.field("remove", remove.span);
        for (at, leaf) in remove.value.0.iter().enumerate() {
            let address = Address::parse(&leaf.value);
            if !address.value().as_str().trim().is_empty() && !members.contains(&address) {
                let group = &org.groups()[group].address;
                let here = field.item(at, leaf.span);
                problems.push(
                    here.problem(format!("\"{address}\" is never a member of \"{group}\""))
                        .help("remove a member of the group, or one that an event adds"),
                );
            }
        }
    }
}

/// `a, b and c`.
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        words => words.concat(),
    }
}
