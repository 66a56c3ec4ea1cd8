//! Sites, the links between them, and what least-cost paths make of both.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Found, named, rules};
use crate::diagnostic::{Edit, counted, some_names};
use crate::model::{Generation, Home, LinkTransport, Role, ServerIdx, SiteIdx, SiteLink};
use crate::route::site_search::{SiteClause, SiteTree};
use crate::verify::powershell;

rules! {
    RT001 "hub-site-unused" Warning Certain hub_site_unused;
    RT002 "hub-site-without-transport" Error Certain hub_site_without_transport;
    RT003 "hub-site-single-server" Warning Certain hub_site_single_server;
    RT004 "isolated-site" Error Certain isolated_site;
    RT005 "mailboxes-without-hub" Error Certain mailboxes_without_hub;
    RT006 "equal-cost-paths" Info Certain equal_cost_paths;
    RT030 "default-link-mesh" Info Likely default_link_mesh;
    RT031 "asymmetric-paths" Info Certain asymmetric_paths;
    RT032 "exchange-cost-differs" Info Certain exchange_cost_differs;
    RT035 "ignored-bridging" Info Certain ignored_bridging;
    RT039 "lonely-link" Warning Certain lonely_link;
    RT040 "server-without-site" Error Certain server_without_site;
}

/// Hub sites that mail can stop at.
fn hubs(facts: &Facts<'_>) -> Vec<SiteIdx> {
    let sites = facts.transport_sites();
    sites.filter(|site| facts.org.sites()[*site].hub_site).collect()
}

/// RT-2.3: a hub site off every least-cost path is never used.
///
/// Whatever path has it inside, its two neighbours there have it between them on a path of their own, since every part of a
/// chosen path is a chosen path. So it is enough to search from the neighbours of a hub; and one search from anywhere shows
/// most hubs that are used.
fn hub_site_unused(facts: &Facts<'_>, found: &mut Found) {
    let mut searches = 0;
    for (hub, links) in links_of(facts, &in_doubt(facts)) {
        let Some(joins) = joins_neighbours(facts, hub, &links, &mut searches) else {
            found.unchecked(format!(
                "least-cost paths were searched from {searches} sites; `--max-searches` raises the bound"
            ));
            return;
        };
        if !joins {
            let name = &facts.org.sites()[hub].name;
            let finding = found
                .about(
                    facts.site(hub),
                    format!("hub site {name} lies inside no least-cost path"),
                )
                .fact("a hub site is used only by mail whose least-cost path leads through it")
                .advice("take the flag off, or lower the costs of its links")
                .edit(no_hub(facts, hub));
            found.push(finding);
        }
    }
}

/// Hub sites that no path from some one site shows to be used.
fn in_doubt(facts: &Facts<'_>) -> Vec<SiteIdx> {
    let mut hubs = hubs(facts);
    let Some(first) = hubs.first().copied() else {
        return hubs;
    };
    // What begins at a hub site shows nothing of it.
    let mut sites = facts.org.sites().iter_enumerated().map(|(site, _)| site);
    let Some(start) = sites.find(|site| *site != first) else {
        return Vec::new();
    };
    let tree = facts.view.site_tree(start);
    let used: BTreeSet<SiteIdx> = inside(&tree).collect();
    hubs.retain(|hub| !used.contains(hub));
    hubs
}

/// The sites inside the paths of a tree, neither first nor last, each as often as a path goes on from it.
fn inside(tree: &SiteTree) -> impl Iterator<Item = SiteIdx> {
    let before = tree.order().iter().filter_map(|site| tree.before(*site));
    before.map(|(before, _)| before).filter(|site| *site != tree.source())
}

/// The links of some sites over which mail goes.
fn links_of<'o>(facts: &Facts<'o>, sites: &[SiteIdx]) -> BTreeMap<SiteIdx, Vec<&'o SiteLink>> {
    let mut links_of: BTreeMap<SiteIdx, Vec<&SiteLink>> = sites.iter().map(|site| (*site, Vec::new())).collect();
    for link in facts.org.site_links().iter().filter(|link| link.is_routed()) {
        for site in &link.sites {
            if let Some(links) = links_of.get_mut(site) {
                links.push(link);
            }
        }
    }
    links_of
}

/// Whether a hub site is inside a path from one of its neighbours; counts `searches`. `None`: it takes more than are allowed.
fn joins_neighbours(facts: &Facts<'_>, hub: SiteIdx, links: &[&SiteLink], searches: &mut usize) -> Option<bool> {
    // All its neighbours are neighbours of each other over its only link.
    if links.len() < 2 {
        return Some(false);
    }
    let sites = links.iter().flat_map(|link| link.sites.iter().copied());
    let neighbours: BTreeSet<SiteIdx> = sites.filter(|site| *site != hub).collect();
    for from in neighbours {
        if *searches == facts.searches_max() {
            return None;
        }
        *searches += 1;
        if inside(&facts.view.site_tree(from)).any(|site| site == hub) {
            return Some(true);
        }
    }
    Some(false)
}

/// The flag of a hub site goes.
fn no_hub(facts: &Facts<'_>, hub: SiteIdx) -> Edit {
    let name = &facts.org.sites()[hub].name;
    Edit {
        kind: "set_hub_site",
        target: name.to_string(),
        value: Some("false".to_owned()),
        command: Some(format!(
            "Set-AdSite -Identity {} -HubSiteEnabled $false -WhatIf",
            powershell(name.as_str())
        )),
    }
}

/// RT-2.3: a hub site needs a transport server.
fn hub_site_without_transport(facts: &Facts<'_>, found: &mut Found) {
    for (site, entry) in facts.org.sites().iter_enumerated() {
        if entry.hub_site && !facts.org.has_transport(site) {
            let finding = found
                .about(
                    facts.site(site),
                    format!("hub site {} has no transport server", entry.name),
                )
                .fact("mail never stops there, and the flag has no effect")
                .advice("take the flag off, or install transport servers there")
                .edit(no_hub(facts, site));
            found.push(finding);
        }
    }
}

/// Mail stops at a hub site on its way, and waits when the one server there is down.
fn hub_site_single_server(facts: &Facts<'_>, found: &mut Found) {
    for hub in hubs(facts) {
        if let [only] = facts.org.transport_servers(hub) {
            let (name, server) = (&facts.org.sites()[hub].name, &facts.org.servers()[*only].name);
            let finding = found
                .about(
                    facts.site(hub),
                    format!("all mail through hub site {name} hangs on {server}"),
                )
                .fact("a hub site on the path is never jumped over: when it does not answer, mail waits before it")
                .advice(
                    "install a second transport server there, or take the flag off, so that mail is relayed directly",
                );
            found.push(finding);
        }
    }
}

/// Event 5007.
fn isolated_site(facts: &Facts<'_>, found: &mut Found) {
    let components = facts.components();
    let mut members: BTreeMap<usize, Vec<SiteIdx>> = BTreeMap::new();
    for site in facts.transport_sites() {
        members.entry(components[site]).or_default().push(site);
    }
    let mut parts: Vec<Vec<SiteIdx>> = members.into_values().collect();
    // The largest is the mainland; of equally large ones the one that comes first.
    parts.sort_by_key(|sites| (std::cmp::Reverse(sites.len()), sites[0]));
    for sites in parts.iter().skip(1) {
        let shown = some_names(sites.iter().map(|site| &facts.org.sites()[*site].name));
        let finding = found
            .about(
                facts.site(sites[0]),
                format!("no site links join {shown} with the other sites"),
            )
            .fact(format!(
                "{} are joined with each other elsewhere",
                counted(parts[0].len(), "site")
            ))
            .fact("mail goes to the Unreachable queue; the event log says 5007")
            .advice("put each of them into an IP site link with one of the others");
        found.push(finding);
    }
}

/// RT-2.12: mailboxes are served by transport servers of their own version, in their own site.
fn mailboxes_without_hub(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    for (index, server) in org.servers().iter_enumerated() {
        let generation = server.version.generation().delivery();
        let Home::Site(site) = server.home else { continue };
        // D32: a member of a DAG is served by the DAG from 2013 on, and its databases move.
        if generation == Generation::Legacy || !server.roles.contains(Role::Mailbox) || server.dag.is_some() {
            continue;
        }
        let serves = |hub: &ServerIdx| org.servers()[*hub].version.generation().delivery() == generation;
        if org.transport_servers(site).iter().any(serves) {
            continue;
        }
        let name = &org.sites()[site].name;
        let message = format!("no transport server in {name} delivers to mailboxes on {}", server.name);
        let finding = found
            .about(facts.server(index), message)
            .fact(named!("{} is of {}", server.name, server.version.name()))
            .fact(match org.transport_servers(site).is_empty() {
                true => "the site has no transport server".to_owned(),
                false => "those of the site are of other versions".to_owned(),
            })
            .fact("mail goes to the Unreachable queue; the event log says 5006 or 5008")
            .advice("install a transport server of that version in the site");
        found.push(finding);
    }
}

/// Best paths from every site; none when there are more sites than the bound.
fn all_trees<'f>(facts: &'f Facts<'_>, found: &mut Found) -> &'f [SiteTree] {
    let trees = facts.all_trees();
    let sites = facts.transport_sites().count();
    if trees.is_empty() && sites > 0 {
        found.unchecked(format!(
            "paths between {sites} sites were not compared, since that takes as many searches; `--max-searches` raises the bound"
        ));
    }
    trees
}

/// RT-2.2: of several equally good paths one is used, always the same.
fn equal_cost_paths(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    let mut tied = 0;
    let mut examples = Vec::new();
    for tree in all_trees(facts, found) {
        for to in tree.order().iter().filter(|site| org.has_transport(**site)) {
            if *to == tree.source() || tree.decided_by(*to) == SiteClause::Cost {
                continue;
            }
            tied += 1;
            if examples.len() < 3
                && let Some(path) = tree.path(*to)
            {
                let stops: Vec<&str> = path.sites.iter().map(|site| org.sites()[*site].name.as_str()).collect();
                let by = match tree.decided_by(*to) {
                    SiteClause::Hops => "fewer hops",
                    _ => "the lower name",
                };
                examples.push(format!("mail takes {}, by {by}", stops.join(", ")));
            }
        }
    }
    if tied == 0 {
        return;
    }
    let message = format!(
        "between {} several paths cost the same, and one is used",
        counted(tied, "pair") + " of sites"
    );
    let mut finding = found.about(facts.organization(), message);
    for example in examples {
        finding = finding.fact(example);
    }
    found
        .push(finding.advice("if the choice matters, say so by Exchange costs; mail is never spread over equal paths"));
}

/// RX2: the name rule looks at the end of a path, so that ways there and back may differ.
fn asymmetric_paths(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    let trees = all_trees(facts, found);
    let mut differ = 0;
    let mut example = None;
    for (at, there) in trees.iter().enumerate() {
        for back in &trees[at + 1..] {
            let (from, to) = (there.source(), back.source());
            let (Some(way), Some(mut way_back)) = (there.path(to), back.path(from)) else {
                continue;
            };
            way_back.sites.reverse();
            if way.sites != way_back.sites {
                differ += 1;
                let shown = |sites: &[SiteIdx]| {
                    let names: Vec<&str> = sites.iter().map(|site| org.sites()[*site].name.as_str()).collect();
                    names.join(", ")
                };
                example.get_or_insert_with(|| {
                    way_back.sites.reverse();
                    (shown(&way.sites), shown(&way_back.sites))
                });
            }
        }
    }
    if let Some((way, way_back)) = example {
        let message = format!(
            "between {} of sites mail goes one way and comes back another",
            counted(differ, "pair")
        );
        let finding = found
            .about(facts.organization(), message)
            .fact(format!("there by {way}"))
            .fact(format!("back by {way_back}"))
            .fact("costs and hops tie, and names are compared from the destination backwards")
            .advice("to have one way, give the links different Exchange costs");
        found.push(finding);
    }
}

/// Every site in the default link as well: a full mesh at its cost.
fn default_link_mesh(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    let routed = || org.site_links().iter_enumerated().filter(|(_, link)| link.is_routed());
    for (index, link) in routed() {
        let is_default = link.name.folded() == "DEFAULTIPSITELINK";
        if is_default && link.sites.len() == org.sites().len() && link.sites.len() > 2 && routed().count() > 1 {
            let message = format!(
                "every site is in {}, beside {}",
                link.name,
                counted(routed().count() - 1, "more link")
            );
            let finding = found
                .about(facts.link(index), message)
                .fact(format!(
                    "every two sites are neighbours at cost {}",
                    link.effective_cost()
                ))
                .fact("whatever path the other links draw is used only where it is cheaper")
                .advice("leave in it only the sites that no other link has, and delete it when none is left");
            found.push(finding);
        }
    }
}

/// RT-2.1: Exchange's cost takes the place of Active Directory's.
fn exchange_cost_differs(facts: &Facts<'_>, found: &mut Found) {
    for (index, link) in facts
        .org
        .site_links()
        .iter_enumerated()
        .filter(|(_, link)| link.is_routed())
    {
        if let Some(cost) = link.exchange_cost.filter(|cost| *cost != link.cost) {
            let message = named!("{} costs {cost} for mail and {} for replication", link.name, link.cost);
            let finding = found
                .about(facts.link(index), message)
                .fact("whoever looks at the link in Active Directory sees the other number")
                .advice("write down why, and take the Exchange cost off when the reason is gone");
            found.push(finding);
        }
    }
}

/// RT-2.1: Exchange takes all links as bridged, and SMTP links as none.
fn ignored_bridging(facts: &Facts<'_>, found: &mut Found) {
    if !facts.org.bridge_all_site_links() && facts.org.site_links().iter().any(SiteLink::is_routed) {
        let finding = found
            .about(
                facts.organization(),
                "bridging of site links is switched off, and mail is routed over them as bridged",
            )
            .fact("Exchange computes paths over any number of links")
            .advice("if mail is not to take a path, say so by Exchange costs");
        found.push(finding);
    }
    for (index, link) in facts.org.site_links().iter_enumerated() {
        if link.transport == LinkTransport::Smtp && link.sites.len() >= 2 {
            let finding = found
                .about(
                    facts.link(index),
                    named!("{} is an SMTP site link, which Exchange does not look at", link.name),
                )
                .advice("if mail is to take it, make an IP site link between its sites");
            found.push(finding);
        }
    }
}

/// D6: a link of fewer than two sites joins nothing.
fn lonely_link(facts: &Facts<'_>, found: &mut Found) {
    for (index, link) in facts.org.site_links().iter_enumerated() {
        if link.sites.len() < 2 {
            let message = named!(
                "{} has {}, and joins nothing",
                link.name,
                counted(link.sites.len(), "site")
            );
            let finding = found
                .about(facts.link(index), message)
                .advice("add the other site, or delete the link");
            found.push(finding);
        }
    }
}

/// Event 5005.
fn server_without_site(facts: &Facts<'_>, found: &mut Found) {
    for (index, server) in facts.org.servers().iter_enumerated() {
        let nowhere = matches!(server.home, Home::None | Home::Exchange2007Group);
        let mails = server.roles.contains(Role::HubTransport) || server.roles.contains(Role::Mailbox);
        if server.version.is_legacy() || server.is_edge() || !nowhere || !mails {
            continue;
        }
        let finding = found
            .about(facts.server(index), format!("the site of {} is not known", server.name))
            .fact("nothing is routed to it; the event log says 5005")
            .advice("give its site; in the directory, put its subnet into one");
        found.push(finding);
    }
}
