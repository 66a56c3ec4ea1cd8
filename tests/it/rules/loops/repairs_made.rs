//! What is offered to end loops, made to the file and verified by the slow twin, which knows nothing of repairs.

use bridgehead::model::{
    ConnectorRef, GroupRef, Name, Organization, Restrictions, RoutingGroupConnector, RoutingGroupIdx, ServerIdx,
    SizeLimit, Version,
};
use bridgehead::report::record::{MessageClassRecord, RecipientRecord};
use bridgehead::verify::{Edit, Repairs, Verification, World, names_of_connect, repair, verify};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::{case, list, setting};
use crate::support::Case;
use crate::twin::loops::drawing::groups;
use crate::twin::random::coexistence;
use crate::twin::{Options, loops};

/// Organizations by chance; about every fourth one loops.
const SEEDS: std::ops::Range<u64> = 0..400;
/// As many as the command line allows.
const TRIES: usize = 10_000;
const GROUP_2007: &str = "DWBGZMFD01QNBJR";

fn record<'a>(file: &'a mut Value, collection: &str, name: &Name) -> &'a mut Value {
    let records = file[collection].as_array_mut().expect("a collection");
    let found = records.iter_mut().find(|record| record["name"] == name.as_str());
    found.unwrap_or_else(|| panic!("no {name} in {collection}"))
}

fn remove(file: &mut Value, collection: &str, name: &Name) {
    let records = file[collection].as_array_mut().expect("a collection");
    records.retain(|record| record["name"] != name.as_str());
}

fn connector<'a>(file: &'a mut Value, org: &Organization, which: ConnectorRef) -> &'a mut Value {
    let collection = match which {
        ConnectorRef::RoutingGroup(_) => "routing_group_connectors",
        ConnectorRef::External(_) => "connectors",
    };
    record(file, collection, org.connector_name(which))
}

/// Makes a change to the file, as an administrator would read it.
fn make(file: &mut Value, org: &Organization, edit: &Edit) {
    let between = |index| org.connector_name(ConnectorRef::RoutingGroup(index));
    match edit {
        Edit::Suppress(server) => {
            let record = record(file, "servers", &org.servers()[*server].name);
            record["suppress_state_changes"] = json!(true);
            record["suppression_in_effect"] = json!(true);
        }
        Edit::AppointMaster(group, server) => {
            let record = record(file, "routing_groups", &org.routing_groups()[*group].name);
            record["master"] = json!(org.servers()[*server].name.as_str());
            record["stale"] = json!(false);
        }
        Edit::AllowDearerRoutes(server) => {
            record(file, "servers", &org.servers()[*server].name)["least_cost_only"] = json!(false);
        }
        Edit::DeleteDisabled(index) => {
            remove(file, "connectors", org.connector_name(ConnectorRef::External(*index)));
        }
        Edit::LiftLimit(which) => connector(file, org, *which)["max_message_size"] = json!("unlimited"),
        Edit::LiftRestrictions(which) => connector(file, org, *which)["restrictions"] = json!({}),
        Edit::SetCost(index, cost) => {
            record(file, "routing_group_connectors", between(*index))["cost"] = json!(cost);
        }
        Edit::Connect(group, server) => {
            let [out, back] = names_of_connect(org, *group);
            let legacy = org.group_name(GroupRef::Legacy(*group));
            let names = |servers: Vec<ServerIdx>| -> Vec<&str> {
                servers
                    .iter()
                    .map(|server| org.servers()[*server].name.as_str())
                    .collect()
            };
            let hub = &org.servers()[*server];
            let beside = org
                .transport_servers(org.transport_site(*server).expect("a site"))
                .iter();
            let alike = beside.filter(|other| org.servers()[**other].version.generation() == hub.version.generation());
            let (hubs, bridgeheads) = (names(alike.copied().collect()), names(bridgeheads(org, *group)));
            let connectors = file["routing_group_connectors"].as_array_mut().expect("connectors");
            connectors.push(json!({
                "name": out, "from": GROUP_2007, "to": legacy, "source_servers": hubs, "target_servers": bridgeheads,
            }));
            connectors.push(json!({
                "name": back, "from": legacy, "to": GROUP_2007, "source_servers": bridgeheads, "target_servers": hubs,
            }));
        }
        Edit::Upgrade(server) => {
            record(file, "servers", &org.servers()[*server].name)["version"] = json!("Exchange2007Sp1");
        }
        Edit::Remove(index) => remove(file, "routing_group_connectors", between(*index)),
    }
}

fn with(file: &Value, org: &Organization, edits: &[Edit]) -> Value {
    let mut file = file.clone();
    edits.iter().for_each(|edit| make(&mut file, org, edit));
    file
}

/// What the twin finds in the file after the changes.
fn twin_after(file: &Value, org: &Organization, edits: &[Edit], most: usize) -> Vec<Value> {
    let found = loops::verify(&with(file, org, edits).to_string(), &Options::default(), most);
    list(&found["witnesses"]).to_vec()
}

/// Loops and what ends them, through the library.
struct Found {
    case: Case,
    most: usize,
}

impl Found {
    fn new(file: &Value, most: usize) -> Found {
        Found { case: case(file), most }
    }

    fn look<T>(&self, see: impl FnOnce(&World<'_>, &Verification, &Repairs) -> T) -> T {
        let setting = setting(self.most);
        let world = World::new(&self.case.org, &self.case.graphs, setting.options, setting.link_state);
        let verification = verify(&world, setting.bounds, &mut |_, _| {});
        let repairs = repair(&world, &verification, setting.bounds, TRIES);
        see(&world, &verification, &repairs)
    }

    fn verified<T>(&self, see: impl FnOnce(&World<'_>, &Verification) -> T) -> T {
        let setting = setting(self.most);
        let world = World::new(&self.case.org, &self.case.graphs, setting.options, setting.link_state);
        see(&world, &verify(&world, setting.bounds, &mut |_, _| {}))
    }
}

/// What is wrong with the repairs of a file; and how many loops it has, and whether a repair is offered.
fn faults(file: &Value, most: usize) -> (Vec<String>, usize, bool) {
    let found = Found::new(file, most);
    found.look(|world, verification, repairs| {
        let org = world.org;
        let mut faults = Vec::new();
        if let Some(repair) = &repairs.all {
            let left = twin_after(file, org, &repair.edits, most);
            if !left.is_empty() {
                faults.push(format!("{:?} leaves {}", repair.edits, left[0]));
            }
        }
        let before = twin_after(file, org, &[], most);
        for (witness, edit) in verification.witnesses.iter().zip(&repairs.single) {
            let Some(edit) = edit else { continue };
            let recipient = RecipientRecord::new(org, &verification.recipients[witness.recipient]);
            let recipient = serde_json::to_value(recipient).expect("JSON");
            let failed = world.connector_names(&witness.failed).map(Name::as_str);
            let failed = json!(failed.collect::<Vec<_>>());
            let class = serde_json::to_value(MessageClassRecord::new(&verification.classes[witness.class]));
            let class = class.expect("JSON");
            let after = twin_after(file, org, std::slice::from_ref(edit), most);
            // Without a limit or a list classes are cut anew.
            let cut_anew = matches!(
                edit,
                Edit::LiftLimit(_) | Edit::LiftRestrictions(_) | Edit::DeleteDisabled(_) | Edit::Remove(_)
            );
            let is_it = |other: &Value| {
                let mut classes = other["also_in"].as_array().cloned().unwrap_or_default();
                classes.push(other["message_class"].clone());
                let holds = |other: &Value| match cut_anew {
                    true => overlap(other, &class),
                    false => *other == class,
                };
                other["recipient"] == recipient && other["failed"] == failed && classes.iter().any(holds)
            };
            if let Some(left) = after.iter().find(|other| is_it(other)) {
                faults.push(format!("{edit:?} does not clear {left}"));
            }
            let is_new = |other: &&Value| {
                let same =
                    |known: &Value| known["recipient"] == other["recipient"] && known["failed"] == other["failed"];
                !before.iter().any(same)
            };
            if let Some(made) = after.iter().find(is_new) {
                faults.push(format!("{edit:?} makes {made}"));
            }
        }
        faults.extend(lighter(file, &found, verification, repairs));
        (faults, verification.witnesses.len(), repairs.all.is_some())
    })
}

/// Whether a class after a change, which tells fewer apart, may hold messages of one before.
fn overlap(after: &Value, before: &Value) -> bool {
    let end = |class: &Value, end: &str, none: u64| class["size"][end].as_u64().unwrap_or(none);
    let sizes =
        end(after, "min", 0) <= end(before, "max", u64::MAX) && end(before, "min", 0) <= end(after, "max", u64::MAX);
    let same = |field: &str, others: &str| after[field] == before[field] || after[field] == others;
    sizes && same("sender", "other") && same("priority", "Normal") && same("type", "NonSystem")
}

/// One change, or two, that would clear everything for less than what is offered: of all that there are, with up to three legacy
/// groups.
fn lighter(file: &Value, found: &Found, verification: &Verification, repairs: &Repairs) -> Vec<String> {
    let org = &found.case.org;
    let small = org.routing_groups().len() <= 3;
    if verification.witnesses.is_empty() || !small {
        return Vec::new();
    }
    let offered = repairs.all.as_ref().map(|repair| &repair.edits);
    let weight: u32 = offered.map_or(u32::MAX, |edits| edits.iter().map(Edit::weight).sum());
    let mut edits = every_edit(org);
    edits.retain(|edit| edit.weight() < weight);
    let costs = org.routing_group_connectors().iter_enumerated();
    let costs = costs.flat_map(|(at, _)| (2..100).map(move |cost| vec![Edit::SetCost(at, cost)]));
    let costs = costs.filter(|_| weight > 2);
    let alone = edits.iter().map(|edit| vec![edit.clone()]);
    let pairs = edits.iter().enumerate().flat_map(|(at, a)| {
        // What is gone has no cost and no limit.
        let goes = |edit: &Edit| matches!(edit, Edit::Remove(_) | Edit::DeleteDisabled(_));
        let same = move |b: &Edit| touched(a).is_some() && touched(a) == touched(b) && (goes(a) || goes(b));
        let others = edits[at + 1..].iter();
        let others = others.filter(move |b| a.weight() + b.weight() < weight && !same(b));
        others.map(move |b| vec![a.clone(), b.clone()])
    });
    let clears = |edits: &Vec<Edit>| {
        let after = Found::new(&with(file, org, edits), found.most);
        after.verified(|_, verification| verification.witnesses.is_empty() && verification.complete())
    };
    let lighter = alone.chain(costs).chain(pairs).find(clears);
    let text = |edits: Vec<Edit>| format!("{offered:?} of weight {weight} is offered, and {edits:?} is enough");
    lighter.map(text).into_iter().collect()
}

fn touched(edit: &Edit) -> Option<ConnectorRef> {
    match edit {
        Edit::SetCost(at, _) | Edit::Remove(at) => Some(ConnectorRef::RoutingGroup(*at)),
        Edit::LiftLimit(at) | Edit::LiftRestrictions(at) => Some(*at),
        Edit::DeleteDisabled(at) => Some(ConnectorRef::External(*at)),
        _ => None,
    }
}

/// Every change, worth trying or not; of costs those at the ends.
fn every_edit(org: &Organization) -> Vec<Edit> {
    let reads_it = |version: Version| matches!(version, Version::Exchange2000 | Version::Exchange2003);
    let mut edits = Vec::new();
    for (index, server) in org.servers().iter_enumerated() {
        if reads_it(server.version) && !server.suppression_in_effect {
            edits.push(Edit::Suppress(index));
        }
        if server.version == Version::Exchange2007Rtm && org.transport_site(index).is_some() {
            edits.push(Edit::Upgrade(index));
        }
    }
    let disabled = org.connectors().iter_enumerated();
    let disabled = disabled.filter(|(_, connector)| !connector.enabled && !connector.kind.is_legacy());
    edits.extend(disabled.map(|(index, _)| Edit::DeleteDisabled(index)));
    for (group, entry) in org.routing_groups().iter_enumerated() {
        let able = bridgeheads(org, group);
        let Some(first) = able.first() else { continue };
        edits.extend(entry.is_stale().then_some(Edit::AppointMaster(group, *first)));
        let attaches = |connector: &RoutingGroupConnector| {
            (connector.from, connector.to) == (GroupRef::Exchange2007, GroupRef::Legacy(group))
        };
        let mut crossings = org.routing_group_connectors().iter();
        if !crossings.any(attaches) {
            let hubs = org.servers().iter_enumerated().map(|(server, _)| server);
            let hubs = hubs.filter(|server| org.transport_site(*server).is_some());
            edits.extend(hubs.map(|hub| Edit::Connect(group, hub)));
        }
    }
    for connector in org.connectors_of_both_kinds() {
        let limit = match connector {
            ConnectorRef::RoutingGroup(at) => org.routing_group_connectors()[at].max_message_size,
            ConnectorRef::External(at) => org.connectors()[at].max_message_size.unwrap_or(SizeLimit::Unlimited),
        };
        edits.extend((limit != SizeLimit::Unlimited).then_some(Edit::LiftLimit(connector)));
        let restrictions = org.restrictions(connector);
        edits.extend((*restrictions != Restrictions::default()).then_some(Edit::LiftRestrictions(connector)));
        if let ConnectorRef::RoutingGroup(at) = connector {
            edits.extend([Edit::SetCost(at, 1), Edit::SetCost(at, 100), Edit::Remove(at)]);
        }
    }
    edits
}

fn bridgeheads(org: &Organization, group: RoutingGroupIdx) -> Vec<ServerIdx> {
    let mut servers = org.group_servers(group).to_vec();
    servers.retain(|server| org.servers()[*server].version != Version::Exchange55);
    servers
}

#[test]
fn what_is_offered_ends_every_loop_when_it_is_made_to_the_file() {
    let judged: Vec<(Vec<String>, usize, bool)> = SEEDS
        .into_par_iter()
        .map(|seed| {
            let (faults, loops, repaired) = faults(&coexistence(seed), 1);
            let told = faults.into_iter().map(|fault| format!("seed {seed}: {fault}"));
            (told.collect(), loops, repaired)
        })
        .collect();
    let faults: Vec<&String> = judged.iter().flat_map(|(faults, ..)| faults).collect();
    assert!(faults.is_empty(), "{} of {}: {faults:#?}", faults.len(), judged.len());
    let loops = judged.iter().filter(|(_, loops, _)| *loops > 0).count();
    let repaired = judged
        .iter()
        .filter(|(_, loops, repaired)| *loops > 0 && *repaired)
        .count();
    assert!(loops > 80 && repaired * 10 > loops * 8, "{repaired} of {loops}");
}

#[test]
fn what_is_offered_for_the_examples_ends_every_loop() {
    for (drawing, most) in [
        ("Chicago-HK 10, Chicago-London 10, HK-London 15, E-Chicago 1, E-HK 1", 2),
        ("Chicago-London 10, E-Chicago 1, E-London 100", 2),
        ("A-R 1, A-S 3, S-R 3, E-A 1, E-R 5", 2),
        ("A-B 1, E-A 1, E-B 5, B-C 1", 2),
        ("E-Hub 1, E-A 1, A-Hub 3, Hub-Spoke 10, A-Spoke 30", 2),
    ] {
        let (faults, loops, repaired) = faults(&groups(drawing), most);
        assert_eq!((faults, repaired), (Vec::new(), true), "{drawing}");
        assert!(loops > 0, "{drawing}");
    }
}
