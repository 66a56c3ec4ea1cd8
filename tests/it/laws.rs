//! Laws: what holds for every organization, tried on seeded random ones.
//!
//! A failure prints its seed; `BRIDGEHEAD_SEED=<seed>` replays that one organization.

use std::fmt::Write as _;

use bridgehead::delivery::{Recipient, explain};
use bridgehead::model::{FailureSet, Message, Name, Node, NodeKind, SiteIdx};
use bridgehead::route::{Leg, Options, Plan, Relay, Sender, View};

use super::support::{Case, graph, org};

/// Organizations that each law is tried on.
const ORGANIZATIONS: u64 = 300;

/// A small generator with a seed: numbers that spread well enough, the same on every machine (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ (x >> 31)) % sides
    }

    pub(crate) fn once_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, items: &[&'t T]) -> &'t T {
        let at = self.roll(items.len() as u64);
        items[usize::try_from(at).expect("below the length")]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let at = self.roll(end as u64 + 1);
            items.swap(end, usize::try_from(at).expect("below the end"));
        }
    }
}

/// The records of a topology file as text, by collection: they can be shuffled, left out and changed one by one.
#[derive(Clone, Default)]
struct Records {
    collections: Vec<(&'static str, Vec<String>)>,
}

impl Records {
    fn add(&mut self, collection: &'static str, record: String) {
        match self.collections.iter_mut().find(|(name, _)| *name == collection) {
            Some((_, records)) => records.push(record),
            None => self.collections.push((collection, vec![record])),
        }
    }

    fn of(&mut self, collection: &str) -> Option<&mut Vec<String>> {
        let found = self.collections.iter_mut().find(|(name, _)| *name == collection);
        found.map(|(_, records)| records)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (name, records) in &self.collections {
            writeln!(text, "{name}: [").expect("text grows");
            records
                .iter()
                .for_each(|record| writeln!(text, "    ({record}),").expect("text grows"));
            text.push_str("],\n");
        }
        text
    }

    fn build(&self) -> Case {
        org(&self.text())
    }
}

/// What a random organization may hold.
#[derive(Clone, Copy)]
struct Shape {
    versions: &'static [&'static str],
    legacy: bool,
    hubs: bool,
    /// Some sites have no server.
    transit: bool,
}

const SITES_ONLY: Shape = Shape {
    versions: &["Exchange2007Sp1"],
    legacy: false,
    hubs: true,
    transit: true,
};

const COEXISTENCE: Shape = Shape {
    versions: &["Exchange2007Sp1"],
    legacy: true,
    hubs: true,
    transit: true,
};

const MIXED: Shape = Shape {
    versions: &["Exchange2007Rtm", "Exchange2007Sp2", "Exchange2010Sp3", "Exchange2016"],
    legacy: true,
    hubs: true,
    transit: true,
};

fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A random organization. Costs are small, so that ties are common.
fn random(seed: u64, shape: Shape) -> Records {
    let mut dice = Dice(seed);
    let mut records = Records::default();
    let sites: Vec<String> = (0..2 + dice.roll(6)).map(|at| format!("S{at}")).collect();
    for site in &sites {
        let hub = shape.hubs && dice.once_in(4);
        records.add("sites", format!("name: \"{site}\", hub_site: {hub}"));
    }
    for at in 0..sites.len() as u64 + dice.roll(4) {
        let mut members = sites.clone();
        dice.shuffle(&mut members);
        members.truncate(if dice.once_in(4) { 3 } else { 2 });
        let cost = 1 + dice.roll(3);
        let exchange = if dice.once_in(5) {
            format!(", exchange_cost: {}", 1 + dice.roll(3))
        } else {
            String::new()
        };
        records.add(
            "site_links",
            format!(
                "name: \"link{at}\", sites: [{}], cost: {cost}{exchange}",
                quoted(&members)
            ),
        );
    }
    let mut hubs: Vec<String> = Vec::new();
    for (at, site) in sites.iter().enumerate() {
        if shape.transit && dice.once_in(4) && at != 0 {
            continue;
        }
        for number in 0..1 + dice.roll(2) {
            let name = format!("H{at}{number}");
            let version = dice.pick(shape.versions);
            records.add(
                "servers",
                format!("name: \"{name}\", version: {version}, site: \"{site}\""),
            );
            records.add(
                "mailboxes",
                format!("address: \"{name}@contoso.example\", server: \"{name}\""),
            );
            hubs.push(name);
        }
    }
    if !shape.legacy {
        return records;
    }
    let groups: Vec<String> = (0..1 + dice.roll(4)).map(|at| format!("G{at}")).collect();
    for group in &groups {
        records.add("routing_groups", format!("name: \"{group}\""));
        let name = format!("BH{group}");
        records.add(
            "servers",
            format!("name: \"{name}\", version: Exchange2003, routing_group: \"{group}\""),
        );
        records.add(
            "mailboxes",
            format!("address: \"{name}@contoso.example\", server: \"{name}\""),
        );
    }
    let ends: Vec<&str> = groups.iter().map(String::as_str).chain(["DWBGZMFD01QNBJR"]).collect();
    let hub_names: Vec<&str> = hubs.iter().map(String::as_str).collect();
    for at in 0..2 * groups.len() as u64 + dice.roll(5) {
        let (from, to) = (dice.pick(&ends), dice.pick(&ends));
        let mut fields = format!(
            "name: \"rgc{at}\", from: \"{from}\", to: \"{to}\", cost: {}",
            1 + dice.roll(3)
        );
        let hub = dice.pick(&hub_names);
        if from == "DWBGZMFD01QNBJR" {
            write!(fields, ", source_servers: [\"{hub}\"]").expect("text grows");
        } else if to == "DWBGZMFD01QNBJR" {
            write!(fields, ", target_servers: [\"{hub}\"]").expect("text grows");
        }
        records.add("routing_group_connectors", fields);
    }
    for at in 0..dice.roll(4) {
        let space = dice.pick(&["*", "*.example", "x.example"]);
        let cost = 1 + dice.roll(3);
        let (kind, source) = match dice.once_in(2) {
            true => ("Send", (*dice.pick(&hub_names)).to_owned()),
            false => ("LegacySmtp", format!("BH{}", dice.pick(&ends[..groups.len()]))),
        };
        let fields = format!(
            "name: \"C{at}\", kind: {kind}, source_servers: [\"{source}\"], address_spaces: [\"{space};{cost}\"]"
        );
        records.add("connectors", fields);
    }
    records
}

/// Tries a law on many organizations, or on the one that `BRIDGEHEAD_SEED` names.
fn for_each_seed(law: impl Fn(u64) + std::panic::RefUnwindSafe) {
    let seeds = match std::env::var("BRIDGEHEAD_SEED") {
        Ok(seed) => {
            let seed: u64 = seed.parse().expect("BRIDGEHEAD_SEED is a number");
            seed..seed + 1
        }
        Err(_) => 0..ORGANIZATIONS,
    };
    for seed in seeds {
        if let Err(panic) = std::panic::catch_unwind(|| law(seed)) {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            panic!("BRIDGEHEAD_SEED={seed}: {}", text.unwrap_or_default());
        }
    }
}

/// Calls `check` with a view of the organization for a normal message, nothing being down.
fn with_view<T>(case: &Case, check: impl FnOnce(&View<'_>) -> T) -> T {
    let message = Message::default();
    let down = FailureSet::default();
    check(&View::new(&case.org, &case.graphs, Options::default(), &message, &down))
}

fn site_plan(view: &View<'_>, from: SiteIdx, to: SiteIdx) -> Option<Plan> {
    view.plan(Sender::node(view.org, Node::Site(from))?, Node::Site(to))
}

/// Every plan between two sites that mail can stop at.
fn site_plans(view: &View<'_>) -> Vec<Plan> {
    let sites = || {
        view.org
            .sites()
            .iter_enumerated()
            .map(|(site, _)| site)
            .filter(|site| view.org.has_transport(*site))
    };
    let pairs = sites().flat_map(|from| sites().map(move |to| (from, to)));
    pairs
        .filter(|(from, to)| from != to)
        .filter_map(|(from, to)| site_plan(view, from, to))
        .collect()
}

#[test]
fn the_order_of_a_file_changes_no_byte() {
    for_each_seed(|seed| {
        let records = random(seed, MIXED);
        let expect = records.build();
        let mut dice = Dice(seed ^ 0xABCD);
        let mut shuffled = records.clone();
        dice.shuffle(&mut shuffled.collections);
        for (_, records) in &mut shuffled.collections {
            dice.shuffle(records);
        }
        let found = shuffled.build();
        assert_eq!(expect.routes_json(), found.routes_json());
        for sender in expect.org.routers() {
            let from = match sender {
                Node::Site(_) => format!("site:{}", expect.org.node_name(sender)),
                Node::RoutingGroup(_) => format!("rg:{}", expect.org.node_name(sender)),
            };
            let answer = |case: &Case| case.from(&from).to("ann@x.example").answer().json;
            assert_eq!(answer(&expect), answer(&found), "{from}");
        }
    });
}

#[test]
fn what_no_route_uses_may_go_away() {
    for_each_seed(|seed| {
        let records = random(seed, MIXED);
        let case = records.build();
        let before = case.routes_json();
        // Ties are told too (`decided_by`, `ambiguous`), so what only ties counts as used; the rest of a record may not move.
        let routes = |json: &str| -> Vec<serde_json::Value> {
            let mut document: serde_json::Value = serde_json::from_str(json).expect("JSON");
            let routes = document["routes"].as_array_mut().expect("routes");
            for route in routes.iter_mut() {
                let route = route.as_object_mut().expect("a record");
                route.remove("decided_by");
                route.remove("ambiguous");
            }
            std::mem::take(routes)
        };
        let used = |name: &str| {
            let routes = routes(&before);
            let links = routes.iter().filter_map(|route| route["links"].as_array());
            links.flatten().any(|link| link == name)
        };
        let links = case
            .org
            .site_links()
            .iter()
            .map(|link| ("site_links", link.name.clone()));
        let connectors = case.org.routing_group_connectors().iter();
        let connectors = connectors.map(|connector| ("routing_group_connectors", connector.name.clone()));
        for (collection, name) in links.chain(connectors).filter(|(_, name)| !used(name.as_str())) {
            let mut fewer = records.clone();
            let list = fewer.of(collection).expect("a collection with a record");
            list.retain(|record| !record.starts_with(&format!("name: \"{name}\"")));
            assert_eq!(routes(&before), routes(&fewer.build().routes_json()), "without {name}");
        }
    });
}

#[test]
fn what_is_not_on_the_way_may_be_down() {
    for_each_seed(|seed| {
        let case = random(seed, MIXED).build();
        let message = Message::default();
        let nothing = FailureSet::default();
        let all_up = View::new(&case.org, &case.graphs, Options::default(), &message, &nothing);
        for from in case.org.routers() {
            let sender = Sender::node(&case.org, from).expect("a router sends");
            for (to, plan) in all_up.table(sender) {
                let Some(plan) = plan else { continue };
                for (index, connector) in case.org.routing_group_connectors().iter_enumerated() {
                    if plan.connectors().any(|used| used == index) {
                        continue;
                    }
                    let down = FailureSet {
                        routing_group_connectors: vec![index],
                        ..FailureSet::default()
                    };
                    let view = View::new(&case.org, &case.graphs, Options::default(), &message, &down);
                    let found = view.plan(sender, to).expect("still a route");
                    assert_eq!(
                        (&found.path, &found.legs, found.next_hop),
                        (&plan.path, &plan.legs, plan.next_hop),
                        "{}",
                        connector.name
                    );
                }
            }
        }
    });
}

#[test]
fn a_link_off_the_way_may_be_down_without_anybody_waiting() {
    for_each_seed(|seed| {
        let case = random(seed, SITES_ONLY).build();
        let plans = with_view(&case, site_plans);
        for (link, entry) in case.org.site_links().iter_enumerated() {
            let message = Message::default();
            let down = FailureSet {
                site_links: vec![link],
                ..FailureSet::default()
            };
            let view = View::new(&case.org, &case.graphs, Options::default(), &message, &down);
            for plan in &plans {
                let Node::Site(to) = plan.to else { continue };
                let sender = Sender::node(&case.org, plan.from).expect("a router sends");
                let explained = explain(&view, sender, &Recipient::Node(NodeKind::Site(to)));
                // The path stays whatever is down; mail waits exactly when its path crosses the link.
                assert_eq!(explained.plan.as_ref(), Some(plan), "{}", entry.name);
                let crossed = plan.site_links().any(|used| used == link);
                let waits = explained.journey.is_some_and(|journey| journey.queued_at.is_some());
                assert_eq!(waits, crossed, "{} down", entry.name);
            }
        }
    });
}

#[test]
fn following_next_hops_reproduces_the_path() {
    for_each_seed(|seed| {
        let case = random(seed, SITES_ONLY).build();
        with_view(&case, |view| {
            for plan in site_plans(view) {
                let mut at = plan.clone();
                let mut walked = 0;
                // Each stop lies further along the first path, and its own plan is what is left of it.
                while at.next_hop != at.to {
                    let stop = at
                        .path
                        .iter()
                        .position(|node| *node == at.next_hop)
                        .expect("a stop on the path");
                    assert!(stop > 0 && at.relay == Relay::HubSite);
                    walked += stop;
                    let Node::Site(site) = at.next_hop else {
                        panic!("a site sends to sites")
                    };
                    let Node::Site(to) = at.to else {
                        panic!("the destination is a site")
                    };
                    at = site_plan(view, site, to).expect("a stop has a way on");
                    assert_eq!(at.path[..], plan.path[walked..]);
                }
            }
        });
    });
}

#[test]
fn suffixes_of_best_paths_are_best_paths() {
    for_each_seed(|seed| {
        let case = random(seed, MIXED).build();
        with_view(&case, |view| {
            for plan in site_plans(view) {
                let Node::Site(to) = plan.to else { continue };
                for at in 1..plan.path.len() - 1 {
                    let Node::Site(site) = plan.path[at] else { continue };
                    let Some(rest) = site_plan(view, site, to) else {
                        continue;
                    };
                    assert_eq!(rest.path[..], plan.path[at..]);
                }
                // The cost is the sum of the links that the path names.
                let sum: u64 = plan
                    .site_links()
                    .map(|link| u64::from(case.org.site_links()[link].effective_cost()))
                    .sum();
                assert_eq!(sum, plan.site_cost);
            }
        });
    });
}

#[test]
fn costs_between_sites_are_the_same_both_ways() {
    for_each_seed(|seed| {
        let case = random(seed, MIXED).build();
        with_view(&case, |view| {
            for plan in site_plans(view) {
                let (Node::Site(from), Node::Site(to)) = (plan.from, plan.to) else {
                    continue;
                };
                let back = site_plan(view, to, from).expect("links lead both ways");
                assert_eq!((plan.site_cost, plan.hops()), (back.site_cost, back.hops()));
            }
        });
    });
}

#[test]
fn paths_between_sites_need_not_be_the_same_both_ways() {
    // Each way the site before the destination decides, and they are different sites.
    let case = graph("A-B 5, B-Y 5, Y-D 5, A-C 5, C-X 5, X-D 5");
    assert_eq!(case.from("A").to("D").answer().path(), "A > C > X > D");
    assert_eq!(case.from("D").to("A").answer().path(), "D > Y > B > A");
    let cost = |from: &str, to: &str| case.from(from).to(to).answer().cost();
    assert_eq!(cost("A", "D"), cost("D", "A"));
}

/// Follows mail for a mailbox from router to router; the routers that held it, in order.
fn walk(view: &View<'_>, from: Node, recipient: &Recipient) -> Vec<Node> {
    let mut held = vec![from];
    // One more step than there are routers would have to visit one twice.
    for _ in 0..=view.org.sites().len() + view.org.routing_groups().len() {
        let at = held[held.len() - 1];
        let Some(sender) = Sender::node(view.org, at) else {
            break;
        };
        let Some(plan) = explain(view, sender, recipient).plan else {
            break;
        };
        held.push(plan.next_hop);
    }
    held
}

#[test]
fn with_one_view_and_one_generation_no_mail_loops() {
    let mut walked_through_groups = 0;
    let mut crossings = |held: &[Node]| {
        let groups = held.iter().filter(|node| matches!(node, Node::RoutingGroup(_))).count();
        walked_through_groups += usize::from(groups > 0 && groups < held.len());
    };
    let seeds: Vec<u64> = match std::env::var("BRIDGEHEAD_SEED") {
        Ok(seed) => vec![seed.parse().expect("BRIDGEHEAD_SEED is a number")],
        Err(_) => (0..ORGANIZATIONS).collect(),
    };
    for seed in &seeds {
        let case = random(*seed, COEXISTENCE).build();
        with_view(&case, |view| {
            for mailbox in case.org.mailboxes() {
                let recipient = Recipient::Address(mailbox.address.clone());
                for from in case.org.routers() {
                    let held = walk(view, from, &recipient);
                    let mut once = held.clone();
                    once.sort_unstable();
                    once.dedup();
                    assert_eq!(
                        once.len(),
                        held.len(),
                        "BRIDGEHEAD_SEED={seed}: {} from {from:?}: {held:?}",
                        mailbox.address
                    );
                    crossings(&held);
                }
            }
        });
    }
    // The law would be empty if no mail had crossed between the versions.
    assert!(
        seeds.len() == 1 || walked_through_groups > 1000,
        "only {walked_through_groups} walks crossed"
    );
}

#[test]
fn a_walk_ends_at_the_mailbox_when_the_first_router_sees_a_route() {
    for_each_seed(|seed| {
        let case = random(seed, SITES_ONLY).build();
        with_view(&case, |view| {
            for mailbox in case.org.mailboxes() {
                let recipient = Recipient::Address(mailbox.address.clone());
                for from in case.org.routers() {
                    let sender = Sender::node(&case.org, from).expect("a router sends");
                    let Some(plan) = explain(view, sender, &recipient).plan else {
                        continue;
                    };
                    assert_eq!(walk(view, from, &recipient).last(), Some(&plan.to));
                }
            }
        });
    });
}

/// What a path is: its nodes, its links and connectors by name, its costs.
type Path = (Vec<Name>, Vec<String>, u64, u64);

fn path_of(case: &Case, plan: &Plan) -> Path {
    let nodes = plan.path.iter().map(|node| case.org.node_name(*node).clone()).collect();
    let legs = plan.legs.iter().map(|leg| match leg {
        Leg::SiteLink(link) => case.org.site_links()[*link].name.to_string(),
        Leg::Connector(connector) => case.org.routing_group_connectors()[*connector].name.to_string(),
    });
    (nodes, legs.collect(), plan.routing_group_cost, plan.site_cost)
}

/// Every path of an organization.
fn all_paths(case: &Case) -> Vec<(Name, Name, Option<Path>)> {
    with_view(case, |view| {
        let mut found = Vec::new();
        for from in case.org.routers() {
            let sender = Sender::node(&case.org, from).expect("a router sends");
            for (to, plan) in view.table(sender) {
                let path = plan.map(|plan| path_of(case, &plan));
                found.push((case.org.node_name(from).clone(), case.org.node_name(to).clone(), path));
            }
        }
        found
    })
}

#[test]
fn hub_sites_and_dags_change_no_path() {
    for_each_seed(|seed| {
        let records = random(seed, MIXED);
        let expect = all_paths(&records.build());
        let mut turned = records.clone();
        for site in turned.of("sites").expect("sites") {
            *site = match site.replace("hub_site: true", "hub_site: false") {
                same if same == *site => site.replace("hub_site: false", "hub_site: true"),
                other => other,
            };
        }
        assert_eq!(expect, all_paths(&turned.build()), "hub sites turned");
        let mut grouped = records.clone();
        grouped.add("dags", "name: \"DAG\"".to_owned());
        for server in grouped
            .of("servers")
            .expect("servers")
            .iter_mut()
            .filter(|server| server.contains("site:"))
        {
            server.push_str(", dag: \"DAG\"");
        }
        assert_eq!(expect, all_paths(&grouped.build()), "all in one DAG");
    });
}

#[test]
fn size_and_x400_change_nobody_from_a_router_to_none() {
    for_each_seed(|seed| {
        let case = random(seed, COEXISTENCE).build();
        let mut limited = random(seed, COEXISTENCE);
        for connector in limited.of("routing_group_connectors").into_iter().flatten() {
            connector.push_str(", max_message_size: \"64KB\"");
            if !connector.contains("DWBGZMFD01QNBJR") {
                connector.push_str(", kind: X400");
            }
        }
        for link in limited.of("site_links").into_iter().flatten() {
            link.push_str(", max_message_size: \"64KB\"");
        }
        let limited = limited.build();
        let names = |case: &Case| -> Vec<Name> {
            case.org
                .routers()
                .map(|node| case.org.node_name(node).clone())
                .collect()
        };
        assert_eq!(names(&case), names(&limited));
        // A table is that of a normal message of no size; SP1 sees X.400. So all paths stay, too.
        assert_eq!(all_paths(&case), all_paths(&limited));
    });
}

#[test]
fn a_group_path_costs_what_its_connectors_cost() {
    for_each_seed(|seed| {
        let case = random(seed, MIXED).build();
        with_view(&case, |view| {
            for (group, _) in case.org.routing_groups().iter_enumerated() {
                for from in case.org.routers() {
                    let sender = Sender::node(&case.org, from).expect("a router sends");
                    let to = Node::RoutingGroup(group);
                    let Some(plan) = (from != to).then(|| view.plan(sender, to)).flatten() else {
                        continue;
                    };
                    let sum: u64 = plan
                        .connectors()
                        .map(|c| u64::from(case.org.routing_group_connectors()[c].cost))
                        .sum();
                    assert_eq!(sum, plan.routing_group_cost);
                    assert!(plan.connectors().count() > 0, "a group is reached over a connector");
                }
            }
        });
    });
}
