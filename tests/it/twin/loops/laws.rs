//! What the documents prove about loops (LS-3.2, LS-6), as laws of the walk.

use serde_json::{Value, json};

use super::super::group_paths::Sequence;
use super::super::org::{Node, Org};
use super::super::random::{coexistence, group_graphs, routing_groups};
use super::super::{Options, address::Target, org::Place};
use super::choices::Choice;
use super::classes::{Recipient, all_recipients, message_classes};
use super::drawing::{Walker, lines, told};
use super::link_state::Wire;
use super::{transient, verify};

const SEEDS: std::ops::Range<u64> = 0..400;

/// The recipients in routing groups.
fn in_groups(walker: &Walker) -> Vec<(usize, Recipient)> {
    let group = |recipient: Recipient| match recipient.target {
        Target::Place(Place::Group(group)) => Some((group, recipient)),
        _ => None,
    };
    all_recipients(&walker.network.org)
        .into_iter()
        .filter_map(group)
        .collect()
}

/// The sequence that the one 2007 site takes to a group.
fn from_2007(walker: &Walker, group: usize) -> Option<Sequence> {
    let org = &walker.network.org;
    let site = walker.network.routers.first()?;
    let (Place::Site(at), Some(server)) = (site.place, site.server) else {
        return None;
    };
    let version = org.servers[server].version;
    super::super::group_paths::from_site(org, &walker.network.options, at, version, group).map(|way| way.sequence)
}

fn head(org: &Org, connector: usize) -> Node {
    org.group_connectors[connector].to
}

fn normal_choices(walker: &Walker, group: usize, to: &Recipient, failed: &[Wire]) -> Vec<Choice> {
    let message = message_classes(&["{}"], &Options::default())[0].message();
    walker.network.choices(&message, group, &to.target, failed)
}

#[test] // LS-3.2, anchor 1. It is about ways without ties, which are seldom at high costs: the others are left out.
fn a_loop_is_when_the_way_back_from_2007_leads_through_2007() {
    let (mut loops, mut judged) = (0, 0);
    for seed in SEEDS {
        let walker = Walker::new(&routing_groups(seed, 1_000));
        let org = &walker.network.org;
        for (home, to) in in_groups(&walker) {
            let Some(way) = from_2007(&walker, home) else { continue };
            let first_group = head(org, way[0]);
            for (failed, is_loop) in walker.loops_by_set(&to, 2) {
                let predicted = match first_group {
                    Node::Legacy(group) if group != home => {
                        let choices = normal_choices(&walker, group, &to, &failed);
                        if choices.len() > 1 {
                            continue;
                        }
                        let crossed = choices.iter().flat_map(|choice| &choice.crossed);
                        crossed.into_iter().any(|&at| head(org, at) == Node::E2007)
                    }
                    _ => false,
                };
                // The claim is about one island: where some do not hear of failures there are other loops.
                if one_island(&walker) {
                    assert_eq!(is_loop, predicted, "seed {seed}, to {}, {failed:?}", to.shown);
                    judged += 1;
                    loops += usize::from(is_loop);
                }
            }
        }
    }
    assert!(judged > 10_000 && loops > 100, "{loops} of {judged}");
}

fn one_island(walker: &Walker) -> bool {
    let org = &walker.network.org;
    let believable = walker.network.link_state.believable(org);
    let groups = 0..org.groups.len();
    believable.iter().all(|&wire| {
        groups
            .clone()
            .all(|group| walker.network.link_state.acts_on(org, group, wire))
    })
}

fn attached_groups(org: &Org) -> Vec<Node> {
    let ends = org
        .group_connectors
        .iter()
        .map(|connector| (connector.from, connector.to));
    let touching = ends.filter(|ends| ends.0 == Node::E2007 || ends.1 == Node::E2007);
    let mut groups = Vec::new();
    for (from, to) in touching {
        let group = if from == Node::E2007 { to } else { from };
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

#[test] // LS-3.2.1, anchor 3
fn a_single_attachment_never_loops() {
    let mut judged = 0;
    for file in group_graphs(2).chain(SEEDS.map(|seed| routing_groups(seed, 3))) {
        let walker = Walker::new(&file);
        if attached_groups(&walker.network.org).len() == 1 {
            assert_eq!(told(&file, 2), [""; 0], "{file}");
            judged += 1;
        }
    }
    assert!(judged > 100, "{judged}");
}

#[test] // LS-3.2.2, anchor 4
fn nothing_loops_while_all_see_the_same() {
    for seed in SEEDS {
        let mut file = routing_groups(seed, 3);
        super::drawing::suppress_all(&mut file);
        assert_eq!(told(&file, 3), [""; 0], "{file}");
        assert_eq!(told(&routing_groups(seed, 3), 0), [""; 0], "seed {seed}");
    }
}

#[test] // LS-3.2.3, anchor 5
fn nothing_loops_on_its_way_to_a_group_that_2007_reaches_directly() {
    let mut judged = 0;
    for seed in SEEDS {
        let walker = Walker::new(&routing_groups(seed, 3));
        for (home, to) in in_groups(&walker) {
            if from_2007(&walker, home).is_some_and(|way| way.len() == 1) {
                let judgements = walker.loops_by_set(&to, 2);
                assert!(
                    judgements.iter().all(|(_, is_loop)| !is_loop),
                    "seed {seed}, to {}",
                    to.shown
                );
                judged += judgements.len();
            }
        }
    }
    assert!(judged > 1_000, "{judged}");
}

/// The same with all ways into the 2007 group dearer.
fn dearer_into_2007(file: &Value, by: u64) -> Value {
    let mut file = file.clone();
    for connector in file["routing_group_connectors"].as_array_mut().expect("connectors") {
        if connector["to"] == super::super::drawing::E2007 {
            connector["cost"] = json!(connector["cost"].as_u64().expect("a cost") + by);
        }
    }
    file
}

#[test] // LS-3.2.5, anchors 6 and 7
fn dear_ways_into_2007_leave_loops_only_where_legacy_alone_has_no_way() {
    let (mut loops, mut ways) = (0, 0);
    for seed in SEEDS {
        let file = routing_groups(seed, 3);
        let (plain, dear) = (Walker::new(&file), Walker::new(&dearer_into_2007(&file, 1_000)));
        let org = &dear.network.org;
        let into_2007 = |walker: &Walker, group: usize| {
            let all = all_recipients(&walker.network.org);
            let to = all.iter().find(|to| matches!(to.target, Target::Place(Place::Site(_))));
            to.map(|to| normal_choices(walker, group, to, &[]))
        };
        for group in 0..org.groups.len() {
            assert_eq!(into_2007(&plain, group), into_2007(&dear, group), "seed {seed}");
            ways += 1;
        }
        for (home, to) in in_groups(&dear) {
            let Some(way) = from_2007(&dear, home) else { continue };
            let Node::Legacy(back) = head(org, way[0]) else {
                continue;
            };
            if !one_island(&dear) {
                continue;
            }
            for (failed, _) in dear.loops_by_set(&to, 2).into_iter().filter(|(_, is_loop)| *is_loop) {
                let legacy_alone = org.sequences.between(Node::Legacy(back), Node::Legacy(home)).iter();
                let mut open = legacy_alone.filter(|way| {
                    let keeps_out = |&at: &usize| head(org, at) != Node::E2007 && !failed.contains(&Wire::Between(at));
                    way.iter().all(keeps_out)
                });
                assert!(open.next().is_none(), "seed {seed}, to {}, {failed:?}", to.shown);
                loops += 1;
            }
        }
    }
    assert!(loops > 20 && ways > 800, "{loops} {ways}");
}

#[test] // anchor 10
fn a_triangle_of_equal_costs_has_no_witness() {
    for drawing in ["A-B 1, B-C 1, C-A 1", "E-A 1, A-B 1, B-E 1"] {
        assert_eq!(told(&super::drawing::groups(drawing), 3), [""; 0], "{drawing}");
    }
}

#[test]
fn no_smaller_set_of_a_witness_is_one() {
    for seed in 0..60 {
        let file = coexistence(seed);
        let found = verify(&file.to_string(), &Options::default(), 2);
        let witnesses = found["witnesses"].as_array().expect("witnesses");
        for one in witnesses {
            for other in witnesses.iter().filter(|other| other["recipient"] == one["recipient"]) {
                let (less, more) = (&other["failed"], &one["failed"]);
                let (less, more) = (less.as_array().expect("names"), more.as_array().expect("names"));
                let is_smaller = less.len() < more.len() && less.iter().all(|name| more.contains(name));
                let proves = other["certainty"] == "must" || one["certainty"] == "may";
                assert!(
                    !(is_smaller && proves && shares_a_class(one, other)),
                    "seed {seed}: {other} {one}"
                );
            }
        }
    }
}

fn shares_a_class(one: &Value, other: &Value) -> bool {
    let classes = |witness: &Value| {
        let mut all = witness["also_in"].as_array().cloned().unwrap_or_default();
        all.push(witness["message_class"].clone());
        all
    };
    classes(one).iter().any(|class| classes(other).contains(class))
}

#[test]
fn the_order_of_the_file_does_not_matter() {
    for seed in 0..40 {
        let file = coexistence(seed);
        let mut turned = file.clone();
        for (_, collection) in turned.as_object_mut().expect("a file") {
            if let Some(records) = collection.as_array_mut() {
                records.reverse();
            }
        }
        let options = Options::default();
        assert_eq!(
            verify(&file.to_string(), &options, 1),
            verify(&turned.to_string(), &options, 1),
            "seed {seed}"
        );
    }
}

/// The comparison is worth as much as the answers differ: every one of them has to come up.
#[test]
fn every_kind_of_loop_comes_up() {
    let (mut seen, mut all) = (String::new(), Vec::new());
    for seed in 0..150 {
        let file = coexistence(seed);
        let found = verify(&file.to_string(), &Options::default(), 1);
        seen += &found.to_string();
        all.extend(lines(&found["witnesses"]));
        if seed < 20 {
            let old = coexistence(seed + 1_000);
            seen += &transient(&file.to_string(), &old.to_string(), &Options::default(), 0).to_string();
        }
    }
    for wanted in [
        r#""certainty":"must""#,
        r#""certainty":"may""#,
        r#""also_in":"#,
        r#""recipient":{"address_space":"SMTP:*"}"#,
        r#""recipient":{"address_space":"X400:"#,
        r#""recipient":{"routing_group":"#,
        r#""max":null"#,
        r#""at":"#,
        r#""views":"#,
        r#""type":"System""#,
        r#""priority":"High""#,
        r#""sender":"bob@contoso.example""#,
        r#""at":"Mon 00:00""#,
    ] {
        assert!(seen.contains(wanted), "never {wanted}");
    }
    let hours: std::collections::BTreeSet<&str> = seen
        .split(r#""at":""#)
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(hour, _)| hour)
        .collect();
    assert!(hours.len() > 3, "{hours:?}");
    // Nothing failed, a connector between groups, a connector to the outside.
    for failed in ["[] ", "[r", "[O "] {
        let wanted = [failed.to_owned(), failed.to_ascii_lowercase(), failed.replace('O', "x")];
        let is_there = |line: &String| wanted.iter().any(|wanted| line.contains(&format!(" {wanted}")));
        assert!(all.iter().any(is_there), "never {failed}");
    }
}
