//! Accepted domains, DAGs and mailbox databases.

use indexmap::{IndexMap, IndexSet};

use super::{Found, Joined, Known};
use crate::load::At;
use crate::load::document::{AcceptedDomainEntry, DagEntry, DatabaseCopyEntry, DatabaseEntry, Period};
use crate::load::import::draft::{AcceptedDomain, Database, DatabaseCopy, Object, StoredCopy};
use crate::model::Name;

/// The accepted domains.
pub(super) fn accepted_domains(domains: Joined<AcceptedDomain>, known: &mut Known) -> Vec<AcceptedDomainEntry> {
    let mut entries = Vec::new();
    for domain in domains.sorted() {
        let why = if !crate::model::AcceptedDomain::is_valid(&domain.name) {
            "it is none of `domain`, `*.domain` and `*`"
        } else if domain.says.kind.is_none() {
            "which kind of relay domain it is does not follow from the file; Get-AcceptedDomain tells it by name"
        } else {
            known.modelled(&domain);
            entries.push(AcceptedDomainEntry {
                domain: Some(domain.name.as_str().into()),
                kind: domain.says.kind.map(At::from),
                ..AcceptedDomainEntry::default()
            });
            continue;
        };
        known.ledger.left_out(domain.place, domain.subject(), why);
    }
    entries
}

/// Takes the servers of each DAG from both sides; a server in two DAGs stays in the first.
pub(super) fn members(known: &mut Known) {
    let mut home: IndexMap<usize, usize> = IndexMap::new();
    let mut wanted = Vec::new();
    for (dag, object) in known.dags.iter() {
        wanted.extend(
            object
                .says
                .servers
                .iter()
                .map(|server| (dag, server.clone(), object.place, object.subject())),
        );
    }
    for (_, server) in known.servers.iter() {
        let Some(dag) = &server.says.dag else { continue };
        match known.dags.find(dag) {
            Found::At(dag) => wanted.push((dag, reference(server), server.place, server.subject())),
            _ => {
                let text = format!("dag: \"{}\", which no file describes", dag.name);
                known.ledger.left_out(server.place, server.subject(), text);
            }
        }
    }
    for (dag, server, place, subject) in wanted {
        match known.servers.find(&server) {
            Found::At(at) if *home.entry(at).or_insert(dag) == dag => {}
            Found::At(_) => {
                let text = format!("\"{}\" is in another DAG already", server.name);
                known.ledger.left_out(place, subject, text);
            }
            _ => {
                let text = format!("servers: \"{}\", which no file describes", server.name);
                known.ledger.left_out(place, subject, text);
            }
        }
    }
    known.dag_of_server = home;
}

fn reference<T>(object: &Object<T>) -> super::Ref {
    super::Ref {
        name: object.name.clone(),
        identity: object.identity.clone(),
    }
}

/// The DAGs with their members.
pub(super) fn dags(known: &mut Known) -> Vec<DagEntry> {
    let mut entries = Vec::new();
    for dag in known.dags.sorted() {
        known.modelled(&dag);
        let Found::At(at) = known.dags.find(&reference(&dag)) else {
            continue;
        };
        let members = known.dag_of_server.iter().filter(|(_, dag)| **dag == at);
        let mut servers: Vec<String> = members
            .filter_map(|(server, _)| Some(known.servers.get(*server)?.name.clone()))
            .collect();
        servers.sort_by_cached_key(|name| Name::fold(name));
        entries.push(DagEntry {
            name: Some(dag.name.as_str().into()),
            servers: servers.into_iter().map(At::from).collect(),
            ..DagEntry::default()
        });
    }
    entries
}

/// The databases. `copies` are those that the directory has as objects of their own.
pub(super) fn databases(
    databases: Joined<Database>,
    mut copies: Vec<StoredCopy>,
    known: &mut Known,
) -> Vec<DatabaseEntry> {
    // The sort is stable: equal preferences stay in the order of the files.
    copies.sort_by_key(|copy| copy.preference);
    let mut of_database: IndexMap<String, Vec<StoredCopy>> = IndexMap::new();
    for copy in copies {
        of_database.entry(copy.database.clone()).or_default().push(copy);
    }
    let mut entries = Vec::new();
    for mut database in databases.sorted() {
        let own = database
            .identity
            .as_ref()
            .and_then(|identity| of_database.swap_remove(identity));
        for copy in own.into_iter().flatten() {
            known.modelled(&copy.copy);
            database.says.copies.push(copy.copy.says);
        }
        entries.extend(self::database(&database, known));
    }
    for copy in of_database.into_values().flatten() {
        let text = "no file describes the database that it is a copy of";
        known.ledger.left_out(copy.copy.place, copy.copy.subject(), text);
    }
    entries
}

fn database(database: &Object<Database>, known: &mut Known) -> Option<DatabaseEntry> {
    let home = database.says.home.as_ref();
    let dag = home.map(|home| known.dags.find(home));
    let server = home.map(|home| known.servers.find(home));
    let mut entry = DatabaseEntry {
        name: Some(database.name.as_str().into()),
        ..DatabaseEntry::default()
    };
    match (dag, server) {
        (Some(Found::At(dag)), _) => {
            entry.dag = known.dags.get(dag).map(|dag| dag.name.as_str().into());
            entry.copies = copies(database, dag, known);
        }
        (_, Some(Found::At(server))) => {
            entry.server = known.servers.get(server).map(|server| server.name.as_str().into());
        }
        _ => {
            let text = "no file describes the DAG or the server that it belongs to";
            known.ledger.left_out(database.place, database.subject(), text);
            return None;
        }
    }
    known.modelled(database);
    Some(entry)
}

/// The copies on members of the DAG, the preferred one first.
fn copies(database: &Object<Database>, dag: usize, known: &mut Known) -> Vec<DatabaseCopyEntry> {
    let mut seen = IndexSet::new();
    let mut entries = Vec::new();
    for DatabaseCopy { server, replay_lag } in &database.says.copies {
        let member = match known.servers.find(server) {
            Found::At(at) if known.dag_of_server.get(&at) == Some(&dag) => Some(at),
            _ => None,
        };
        let Some((at, object)) = member.and_then(|at| Some((at, known.servers.get(at)?))) else {
            let text = format!("copies: \"{}\" is no member of its DAG", server.name);
            known.ledger.left_out(database.place, database.subject(), text);
            continue;
        };
        if seen.insert(at) {
            entries.push(DatabaseCopyEntry {
                server: Some(object.name.as_str().into()),
                replay_lag: replay_lag.filter(|lag| !lag.is_zero()).map(|lag| At::from(Period(lag))),
                ..DatabaseCopyEntry::default()
            });
        }
    }
    entries
}
