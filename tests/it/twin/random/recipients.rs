//! Availability groups, databases, mailboxes, distribution groups and accepted domains.

use serde_json::{Value, json};

use super::Cast;
use super::dice::Dice;
use super::servers::{Actor, Era};

pub(super) const MAILBOXES: [&str; 6] = [
    "ann@contoso.example",
    "Bo@contoso.example",
    "cy@Contoso.example",
    "di@eu.contoso.example",
    "ed@relay.example",
    "flo@contoso.example",
];
pub(super) const GROUPS: [&str; 3] = ["all@contoso.example", "Board@contoso.example", "ops@contoso.example"];
pub(super) const EXTERNAL: [&str; 12] = [
    "x@partner.example",
    "x@PARTNER.example",
    "y@eu.partner.example",
    "y@a.eu.partner.example",
    "z@elsewhere.test",
    "SMTP:partner.example",
    "nobody@contoso.example",
    "nobody@eu.contoso.example",
    "nobody@relay.example",
    "X400:c=US;a=adatum;p=org;s=doe",
    "FAX:+4989123",
    "NOTES:someone",
];

#[derive(Debug, Default)]
pub(super) struct Availability {
    pub(super) dags: Vec<Value>,
    /// Servers whose own record names the availability group: name and group.
    pub(super) members_by_server: Vec<(String, String)>,
    pub(super) databases: Vec<Value>,
}

/// Availability groups of 2010 or of later servers, with databases in them and beside them.
pub(super) fn databases(dice: &mut Dice, cast: &Cast) -> Availability {
    let mut found = Availability::default();
    let mut taken: Vec<String> = Vec::new();
    for era in [Era::E2010, Era::Modern, Era::Modern] {
        let is_free = |server: &&Actor| server.era == era && server.site.is_some() && !taken.contains(&server.name);
        let candidates: Vec<Actor> = cast.servers.iter().filter(is_free).cloned().collect();
        if candidates.is_empty() || !dice.percent(60) {
            continue;
        }
        let members: Vec<String> = dice
            .some(&candidates, 1, 4)
            .into_iter()
            .map(|server| server.name)
            .collect();
        let dag = format!("{}{}", dice.pick(&["DAG", "dag"]), found.dags.len());
        // The group lists its servers, the servers name their group, or both.
        let says = dice.between(0, 2);
        let mut record = json!({ "name": dag });
        if says != 1 {
            record["servers"] = members.iter().map(|server| json!(dice.reference(server))).collect();
        }
        if says != 0 {
            let names = members.iter().map(|server| (server.clone(), dice.reference(&dag)));
            found.members_by_server.extend(names);
        }
        found.dags.push(record);
        for _ in 0..dice.between(0, 2) {
            let database = in_dag(dice, found.databases.len(), &dag, &members);
            found.databases.push(database);
        }
        taken.extend(members);
    }
    if !cast.servers.is_empty() && dice.percent(30) {
        let server = dice.pick(&cast.servers);
        let name = format!("DB{}", found.databases.len());
        found
            .databases
            .push(json!({ "name": name, "server": dice.reference(&server.name) }));
    }
    found
}

fn in_dag(dice: &mut Dice, at: usize, dag: &str, members: &[String]) -> Value {
    let mut database = json!({ "name": format!("DB{at}"), "dag": dice.reference(dag) });
    if dice.percent(75) {
        let holders = dice.some(members, 1, members.len());
        database["copies"] = holders
            .iter()
            .map(|server| json!({ "server": dice.reference(server) }))
            .collect();
        if dice.percent(50) {
            database["active_on"] = json!(dice.pick(&holders));
        }
    }
    database
}

pub(super) fn mailboxes(dice: &mut Dice, cast: &Cast, databases: &[Value]) -> Vec<Value> {
    let mut found = Vec::new();
    for address in MAILBOXES {
        if cast.servers.is_empty() || dice.percent(30) {
            continue;
        }
        found.push(if !databases.is_empty() && dice.percent(50) {
            let database = dice.pick(databases);
            json!({ "address": address, "database": database["name"] })
        } else {
            let server = dice.pick(&cast.servers);
            json!({ "address": address, "server": dice.reference(&server.name) })
        });
    }
    found
}

/// Members are mailboxes, outsiders, or another group, and a group may contain itself in the end.
pub(super) fn groups(dice: &mut Dice, cast: &Cast) -> Vec<Value> {
    let mut members: Vec<&str> = MAILBOXES.to_vec();
    members.extend(&EXTERNAL[..4]);
    members.extend(GROUPS);
    let mut found = Vec::new();
    for address in GROUPS {
        if dice.percent(50) {
            continue;
        }
        let mut group = json!({ "address": address, "members": dice.some(&members, 1, 4) });
        if !cast.servers.is_empty() && dice.percent(40) {
            group["expansion_server"] = json!(dice.pick(&cast.servers).name);
        }
        found.push(group);
    }
    found
}

pub(super) fn accepted_domains(dice: &mut Dice) -> Vec<Value> {
    let mut found = Vec::new();
    for domain in [
        "contoso.example",
        "*.contoso.example",
        "eu.contoso.example",
        "relay.example",
    ] {
        if dice.percent(45) {
            let kind = dice.pick(&["Authoritative", "Authoritative", "InternalRelay", "ExternalRelay"]);
            found.push(json!({ "domain": domain, "kind": kind }));
        }
    }
    found
}
