//! Databases, mailboxes and distribution groups.

use std::time::Duration;

use indexmap::IndexMap;
use oxc_index::{Idx, IndexVec};

use super::connectors::{address, addresses};
use super::place::{Place, Problems, period};
use super::servers::Membership;
use super::{Directory, span_of};
use crate::diagnostic::Span;
use crate::load::document::{DatabaseEntry, Document, Leaf};
use crate::model::{
    Address, DagIdx, Database, DatabaseCopy, DatabaseHome, Group, GroupIdx, Mailbox, MailboxHome, MailboxIdx, Name,
    NameOrder, ServerIdx,
};

/// Longest ReplayLagTime.
const REPLAY_LAG_MAX: Duration = Duration::from_secs(14 * 86_400);

/// The databases in the order of the file.
pub(super) fn databases(
    document: &Document,
    directory: &Directory,
    membership: &Membership,
    problems: &mut Problems,
) -> Vec<Option<Database>> {
    let list = Place::top("databases");
    let databases = document.databases.iter().enumerate().map(|(position, entry)| {
        let record = list.item(position, entry.span);
        exactly_one(&record, ("dag", &entry.dag), ("server", &entry.server), problems);
        let dag = directory.dags.optional(&entry.dag, &record, "dag", problems);
        let server = directory.servers.optional(&entry.server, &record, "server", problems);
        let copies = copies(entry, dag, &record, directory, membership, problems);
        let active_on = directory
            .servers
            .optional(&entry.active_on, &record, "active_on", problems);
        if let Some(active) = active_on {
            let here = record.field("active_on", span_of(&entry.active_on));
            check_member(active, dag, &here, directory, membership, problems);
        }
        Some(Database {
            name: directory.databases.of_record(position),
            home: match (dag, server) {
                (Some(dag), _) => DatabaseHome::Dag(dag),
                (None, server) => DatabaseHome::Server(server?),
            },
            copies,
            active_on,
            span: entry.span,
        })
    });
    databases.collect()
}

/// The copies in the order of the file, which is their activation preference.
fn copies(
    entry: &DatabaseEntry,
    dag: Option<DagIdx>,
    database: &Place<'_>,
    directory: &Directory,
    membership: &Membership,
    problems: &mut Problems,
) -> Vec<DatabaseCopy> {
    let list = database.field("copies", Span::NONE);
    let mut first: IndexMap<ServerIdx, Span> = IndexMap::new();
    let mut found = Vec::with_capacity(entry.copies.len());
    for (position, copy) in entry.copies.iter().enumerate() {
        let record = list.item(position, copy.span);
        let range = (Duration::ZERO, REPLAY_LAG_MAX);
        let replay_lag = problems.period_in(&copy.replay_lag, &record, "replay_lag", range);
        let Some(server) = directory.servers.required(&copy.server, &record, "server", problems) else {
            continue;
        };
        let here = record.field("server", span_of(&copy.server));
        check_member(server, dag, &here, directory, membership, problems);
        match first.get(&server) {
            Some(span) => problems.push(directory.servers.listed_twice(server, &here, *span)),
            None => {
                first.insert(server, here.span);
            }
        }
        found.push(DatabaseCopy {
            server,
            replay_lag: replay_lag.unwrap_or_default(),
            replication_lag: period(&copy.replication_lag).unwrap_or_default(),
            span: copy.span,
        });
    }
    found
}

/// Tells of a server that is no member of the DAG whose database it should hold.
fn check_member(
    server: ServerIdx,
    dag: Option<DagIdx>,
    here: &Place<'_>,
    directory: &Directory,
    membership: &Membership,
    problems: &mut Problems,
) {
    if let Some(dag) = dag.filter(|dag| membership[server] != Some(*dag)) {
        problems.push(here.problem(format!(
            "server \"{}\" is no member of DAG \"{}\"",
            directory.servers.get(server),
            directory.dags.get(dag)
        )));
    }
}

/// The mailboxes by address.
pub(super) fn mailboxes(
    document: &Document,
    directory: &Directory,
    problems: &mut Problems,
) -> IndexVec<MailboxIdx, Mailbox> {
    let list = Place::top("mailboxes");
    let mut found = ByAddress::new("mailbox");
    for (position, entry) in document.mailboxes.iter().enumerate() {
        let record = list.item(position, entry.span);
        exactly_one(
            &record,
            ("database", &entry.database),
            ("server", &entry.server),
            problems,
        );
        let database = directory
            .databases
            .optional(&entry.database, &record, "database", problems);
        let server = directory.servers.optional(&entry.server, &record, "server", problems);
        let home = match (database, server) {
            (Some(database), _) => Some(MailboxHome::Database(database)),
            (None, server) => server.map(MailboxHome::Server),
        };
        found.insert(&entry.address, &record, problems, |address| {
            Some(Mailbox {
                address,
                home: home?,
                span: entry.span,
            })
        });
    }
    found.arrange(directory.order)
}

/// The distribution groups by address.
pub(super) fn groups(document: &Document, directory: &Directory, problems: &mut Problems) -> IndexVec<GroupIdx, Group> {
    let list = Place::top("groups");
    let mut found = ByAddress::new("group");
    for (position, entry) in document.groups.iter().enumerate() {
        let record = list.item(position, entry.span);
        let members = addresses(&entry.members, &record, "members", problems);
        let expansion_server =
            directory
                .servers
                .optional(&entry.expansion_server, &record, "expansion_server", problems);
        found.insert(&entry.address, &record, problems, |address| {
            Some(Group {
                address,
                members,
                expansion_server,
                span: entry.span,
            })
        });
    }
    found.arrange(directory.order)
}

/// Tells of a record that has both or neither of two fields.
fn exactly_one(
    record: &Place<'_>,
    (first_name, first): (&'static str, &Leaf<String>),
    (second_name, second): (&'static str, &Leaf<String>),
    problems: &mut Problems,
) {
    match (first, second) {
        (None, None) => problems.push(record.problem(format!("either `{first_name}` or `{second_name}` is required"))),
        (Some(first), Some(second)) => problems.push(
            record
                .field(second_name, second.span)
                .problem(format!("`{first_name}` and `{second_name}` exclude each other"))
                .label(first.span, format!("`{first_name}` is given here")),
        ),
        _ => {}
    }
}

/// Records that are called by an address. Nothing refers to them by index, so they are sorted when all are known.
struct ByAddress<T> {
    noun: &'static str,
    /// By folded `TYPE:VALUE`.
    found: IndexMap<Box<str>, (Span, Name, Option<T>)>,
}

impl<T> ByAddress<T> {
    fn new(noun: &'static str) -> ByAddress<T> {
        ByAddress {
            noun,
            found: IndexMap::new(),
        }
    }

    /// Adds what `build` makes of the address, unless the address is missing or taken.
    fn insert(
        &mut self,
        leaf: &Leaf<String>,
        record: &Place<'_>,
        problems: &mut Problems,
        build: impl FnOnce(Address) -> Option<T>,
    ) {
        let Some(leaf) = problems.required(leaf, record, "address") else {
            return;
        };
        let here = record.field("address", leaf.span);
        let Some(address) = address(leaf, &here, problems) else {
            return;
        };
        let name = Name::new(format!("{}:{}", address.kind(), address.value()));
        if let Some((first, ..)) = self.found.get(name.folded()) {
            problems.push(
                here.problem(format!("duplicate {} \"{address}\"", self.noun))
                    .label(*first, "first used here"),
            );
            return;
        }
        self.found
            .insert(name.folded().into(), (leaf.span, name, build(address)));
    }

    /// The records in the order of their addresses.
    fn arrange<I: Idx>(mut self, order: NameOrder) -> IndexVec<I, T> {
        self.found.sort_unstable_by(|_, a, _, b| order.compare(&a.1, &b.1));
        self.found.into_values().filter_map(|(_, _, record)| record).collect()
    }
}
