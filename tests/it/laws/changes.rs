//! What may change in a file without changing a route.

use super::*;

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
