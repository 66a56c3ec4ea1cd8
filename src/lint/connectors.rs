//! Connectors to the outside: which of them are used, and by whom.

use std::collections::{BTreeMap, BTreeSet};

use super::offers::{Listed, largest, pattern, serving};
use super::{Facts, Found, named, rules};
use crate::diagnostic::some_names;
use crate::model::{
    Connector, ConnectorKind, Cost, Generation, GroupRef, Name, RoutingGroupConnectorKind, ServerIdx, SiteIdx,
};
use crate::route::usable_sources;

rules! {
    RG022 "scope-leak" Warning Certain scope_leak;
    RT007 "duplicate-connectors" Warning Certain duplicate_connectors;
    RT008 "cost-as-failover" Warning Certain cost_as_failover;
    RT009 "connector-without-source" Warning Certain connector_without_source;
    RT010 "sources-in-several-sites" Warning Certain sources_in_several_sites;
    RT011 "no-way-out" Warning Certain no_way_out;
    RT012 "scope-shadow" Info Certain scope_shadow;
    RT025 "integrated-authentication" Warning Certain integrated_authentication;
    RT026 "non-smtp-by-dns" Warning Certain non_smtp_by_dns;
    RT027 "non-smtp-cached-mode" Info Likely non_smtp_cached_mode;
    RT028 "never-chosen-internet" Warning Certain never_chosen;
    RT034 "fqdn-clash" Warning Likely fqdn_clash;
}

/// The sources of all are Edge servers.
fn is_edge(facts: &Facts<'_>, connector: &Connector) -> bool {
    usable_sources(facts.org, connector).all(|(server, _)| facts.org.subscribed_site(server).is_some())
}

/// One space of a serving connector.
struct Offer<'f> {
    connector: Listed<'f>,
    cost: u32,
}

/// By space and sites.
type Rivals<'f> = BTreeMap<((&'f str, &'f str), Vec<SiteIdx>), Vec<Offer<'f>>>;

/// A space as the connector writes it.
fn written(connector: &Connector, space: (&str, &str)) -> String {
    let own = connector.address_spaces.iter().find(|own| pattern(own) == space);
    own.map_or(String::new(), |own| format!("{}:{}", own.kind(), own.value()))
}

/// Unscoped offers of the same space from the same sites: cost and name alone decide among them.
fn rivals<'f>(facts: &'f Facts<'_>) -> Rivals<'f> {
    let mut rivals: BTreeMap<_, Vec<Offer<'f>>> = BTreeMap::new();
    for (connector, sites) in serving(facts) {
        if connector.1.scoped || is_edge(facts, connector.1) {
            continue;
        }
        let mut seen = BTreeMap::new();
        for space in connector
            .1
            .address_spaces
            .iter()
            .filter(|space| !space.is_accepted_domains())
        {
            let cheapest = seen.entry(pattern(space)).or_insert(space.cost());
            *cheapest = space.cost().min(*cheapest);
        }
        for (pattern, cost) in seen {
            rivals
                .entry((pattern, sites.clone()))
                .or_default()
                .push(Offer { connector, cost });
        }
    }
    rivals
}

/// R57, R58: where nothing else differs, the lowest name gets all mail.
fn duplicate_connectors(facts: &Facts<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for ((space, _), offers) in rivals(facts) {
        // Offers come in name order: the first of the least cost wins.
        let least = offers.iter().map(|offer| offer.cost).min();
        for (at, loser) in offers.iter().enumerate().filter(|(_, offer)| Some(offer.cost) == least) {
            let Some(winner) = offers[..at].iter().find(|other| other.cost == loser.cost) else {
                continue;
            };
            let limits = [winner, loser].map(|offer| largest(facts, offer.connector.1));
            let (a, b) = (winner.connector.1, loser.connector.1);
            if limits[1] > limits[0] || !somebody_sees_both_alike(facts, a, b) || !told.insert(loser.connector.0) {
                continue;
            }
            let message = named!(
                "{} and {} serve {} at the same cost, and {} gets it",
                a.name,
                b.name,
                written(b, space),
                a.name
            );
            let finding = found
                .about(facts.outside(loser.connector.0), message)
                .fact("their source servers are in the same sites; what is left is the name")
                .fact("mail is never spread over several connectors")
                .advice("to share the load, make one connector with all the source servers and smart hosts");
            found.push(finding);
        }
    }
}

/// Whether some transport server is a source server of both or of neither: for the others their own comes first (R57).
fn somebody_sees_both_alike(facts: &Facts<'_>, a: &Connector, b: &Connector) -> bool {
    let mut senders = facts
        .transport_sites()
        .flat_map(|site| facts.org.transport_servers(site));
    senders.any(|server| a.source_servers.contains(server) == b.source_servers.contains(server))
}

/// R56: cost decides before anything else does, and nobody looks whether the winner works.
fn cost_as_failover(facts: &Facts<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for ((space, _), offers) in rivals(facts) {
        let cheapest = offers.iter().min_by_key(|offer| offer.cost);
        let Some(winner) = cheapest else { continue };
        for loser in offers.iter().filter(|offer| offer.cost > winner.cost) {
            let (a, b) = (winner.connector.1, loser.connector.1);
            if largest(facts, b) > largest(facts, a) || !told.insert(loser.connector.0) {
                continue;
            }
            let message = named!(
                "{} never gets mail for {}: {} is cheaper from everywhere",
                b.name,
                written(b, space),
                a.name
            );
            let finding = found
                .about(facts.outside(loser.connector.0), message)
                .fact(format!(
                    "it costs {}, and {} costs {} from the same sites",
                    loser.cost, a.name, winner.cost
                ))
                .fact("a dearer connector is no failover: whether one works is not looked at, and mail waits for it")
                .advice(format!(
                    "add its smart hosts or source servers to {}, or delete it",
                    a.name
                ));
            found.push(finding);
        }
    }
}

/// Events 5014 and 5016, and connectors between groups that cannot carry mail (D11).
fn connector_without_source(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    for (index, connector) in org
        .connectors()
        .iter_enumerated()
        .filter(|(_, c)| c.enabled || c.kind.is_legacy())
    {
        if usable_sources(org, connector).next().is_some() {
            continue;
        }
        let fact = match connector.source_servers.is_empty() {
            true => "it has no source server; the event log says 5014",
            false => "none of its source servers can be one (role, site or group); the event log says 5016",
        };
        let finding = found
            .about(facts.outside(index), named!("{} is ignored", connector.name))
            .fact(fact)
            .advice("give it a transport server as source server, or delete it");
        found.push(finding);
    }
    for (index, connector) in org.routing_group_connectors().iter_enumerated() {
        let unsupported = connector.touches_2007() && connector.kind != RoutingGroupConnectorKind::RoutingGroup;
        if facts.graphs.combined.connector(index).is_some() || unsupported {
            continue;
        }
        let fact = if connector.from == connector.to {
            "it leads from a routing group to the same"
        } else if connector.source_servers.is_empty() && connector.from == GroupRef::Exchange2007 {
            "it has no source server; the event log says 5014"
        } else {
            "one of its ends has no server that can send or take mail"
        };
        let finding = found
            .about(facts.between(index), named!("{} carries no mail", connector.name))
            .fact(fact)
            .advice("give it source and target servers of its two routing groups, or delete it");
        found.push(finding);
    }
}

/// Event 5026: 2007 and 2010 use the source servers of one site only.
fn sources_in_several_sites(facts: &Facts<'_>, found: &mut Found) {
    for ((index, connector), sites) in serving(facts) {
        let mut generations =
            usable_sources(facts.org, connector).map(|(s, _)| facts.org.servers()[s].version.generation());
        if sites.len() < 2 || !generations.any(|generation| generation < Generation::Exchange2013) {
            continue;
        }
        let shown = some_names(sites.iter().map(|site| &facts.org.sites()[*site].name));
        let finding = found
            .about(
                facts.outside(index),
                format!("the source servers of {} are in several sites", connector.name),
            )
            .fact(format!("these are {shown}"))
            .fact("a sender uses those of the closest site alone; the event log says 5026")
            .advice("make one connector for each site");
        found.push(finding);
    }
}

/// Mail for which no connector is found waits in the Unreachable queue.
fn no_way_out(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    let smtp = |connector: &&Connector| {
        connector
            .address_spaces
            .iter()
            .any(|space| space.kind().folded() == "SMTP" && !space.is_accepted_domains())
    };
    // A file without any way out is not about mail to the outside.
    if !org.connectors().iter().any(|connector| smtp(&connector)) || org.is_plain() {
        return;
    }
    let takes_all = |connector: &Connector| {
        connector
            .address_spaces
            .iter()
            .any(|space| pattern(space) == ("SMTP", "*"))
    };
    let is_legacy_way = |connector: &Connector| connector.kind.is_legacy() && !connector.scoped && takes_all(connector);
    if org.connectors().iter().any(is_legacy_way) {
        // Where legacy groups begin, this rule stops: RG017 says which of them 2007 reaches.
        return;
    }
    let components = facts.components();
    let mut open = BTreeSet::new();
    let mut scoped = BTreeSet::new();
    for ((_, connector), sites) in serving(facts).filter(|((_, connector), _)| takes_all(connector)) {
        match connector.scoped {
            true => scoped.extend(sites),
            false => open.extend(sites.into_iter().map(|site| components[site])),
        }
    }
    let without: Vec<SiteIdx> = facts
        .transport_sites()
        .filter(|site| !open.contains(&components[*site]) && !scoped.contains(site))
        .collect();
    if without.is_empty() {
        return;
    }
    let shown = some_names(without.iter().map(|site| &org.sites()[*site].name));
    let about = match without.len() == facts.transport_sites().count() {
        true => facts.organization(),
        false => facts.site(without[0]),
    };
    let finding = found
        .about(about, format!("mail from {shown} to other domains finds no connector"))
        .fact("no connector for SMTP:* is enabled, in scope and within reach")
        .fact("such mail waits in the Unreachable queue until it expires")
        .advice("create a Send connector for SMTP:*, or join the sites with one that has it");
    found.push(finding);
}

/// R48: from other sites a scoped connector does not exist, and mail quietly takes a less specific one.
fn scope_shadow(facts: &Facts<'_>, found: &mut Found) {
    let mut open = BTreeSet::new();
    let mut scoped: BTreeMap<(&str, &str), BTreeSet<SiteIdx>> = BTreeMap::new();
    for ((_, connector), sites) in serving(facts) {
        for space in &connector.address_spaces {
            match connector.scoped {
                false => drop(open.insert(pattern(space))),
                true => scoped.entry(pattern(space)).or_default().extend(&sites),
            }
        }
    }
    for ((index, connector), _) in serving(facts).filter(|((_, connector), _)| connector.scoped) {
        let shadowed = connector.address_spaces.iter().find(|space| {
            let key = pattern(space);
            let elsewhere = facts.transport_sites().any(|site| !scoped[&key].contains(&site));
            key.1 != "*" && !open.contains(&key) && elsewhere
        });
        if let Some(space) = shadowed {
            let inside = scoped[&pattern(space)]
                .iter()
                .map(|site| &facts.org.sites()[*site].name);
            let message = named!(
                "{} serves {} for senders of {} alone",
                connector.name,
                space.value(),
                some_names(inside)
            );
            let finding = found
                .about(facts.outside(index), message)
                .fact("mail from other sites takes a less specific connector, or waits in the Unreachable queue")
                .advice(
                    "if that is not meant, take the scope off, or give the other sites a connector for the same space",
                );
            found.push(finding);
        }
    }
}

/// R51: only legacy connectors and Receive connectors log on with integrated Windows authentication.
fn integrated_authentication(facts: &Facts<'_>, found: &mut Found) {
    for (index, connector) in facts.org.connectors().iter_enumerated() {
        if connector.restrictions.integrated_authentication && !connector.kind.is_legacy() {
            let message = named!(
                "{} is to log on with integrated Windows authentication, which it cannot",
                connector.name
            );
            let finding = found
                .about(facts.outside(index), message)
                .fact("legacy connectors have that setting, and those of 2007 and later do not")
                .advice("choose basic authentication over TLS, or trust the smart host by its address");
            found.push(finding);
        }
    }
}

/// Only SMTP domains can be looked up.
fn non_smtp_by_dns(facts: &Facts<'_>, found: &mut Found) {
    for (index, connector) in facts
        .org
        .connectors()
        .iter_enumerated()
        .filter(|(_, c)| c.kind == ConnectorKind::Send)
    {
        let by_dns = connector.dns_routing.unwrap_or(connector.smart_hosts.is_empty());
        let other = connector
            .address_spaces
            .iter()
            .find(|space| space.kind().folded() != "SMTP");
        if let Some(space) = other.filter(|_| by_dns) {
            let message = named!(
                "{} serves {}:{} and looks up domains in DNS",
                connector.name,
                space.kind(),
                space.value()
            );
            let finding = found
                .about(facts.outside(index), message)
                .fact("an address that is not SMTP has no domain; the cmdlet refuses this")
                .advice("give it smart hosts and set DNSRoutingEnabled to $false");
            found.push(finding);
        }
    }
}

/// Outlook in cached mode asks before it sends.
fn non_smtp_cached_mode(facts: &Facts<'_>, found: &mut Found) {
    let has_2007 = facts.transport_sites().next().is_some();
    for (index, connector) in facts
        .org
        .connectors()
        .iter_enumerated()
        .filter(|(_, c)| has_2007 && c.enabled)
    {
        let other = connector
            .address_spaces
            .iter()
            .find(|space| space.kind().folded() != "SMTP");
        let why = match (connector.scoped, connector.kind.is_legacy()) {
            (true, _) => "is scoped",
            (false, true) => "is on a legacy server",
            (false, false) => continue,
        };
        if let Some(space) = other {
            let message = named!("{} serves {} addresses and {why}", connector.name, space.kind());
            let finding = found
                .about(facts.outside(index), message)
                .fact("Outlook in cached mode may refuse to send there: \"None of your e-mail accounts could send to this recipient\"")
                .advice("host it on a 2007 or later server without a scope, or apply the update of the articles named on the rule's page");
            found.push(finding);
        }
    }
}

/// RT-2.14: the cost of a connector is that of its space and of the way to it.
///
/// Where another connector is cheaper at the source site itself, it is cheaper from everywhere: whoever sends could go there
/// first.
fn never_chosen(facts: &Facts<'_>, found: &mut Found) {
    let takes_all = |connector: &Connector| {
        let spaces = connector
            .address_spaces
            .iter()
            .filter(|space| pattern(space) == ("SMTP", "*"));
        spaces.map(|space| Cost::from(space.cost())).min()
    };
    let all: Vec<_> = serving(facts)
        .filter(|((_, connector), _)| !connector.scoped)
        .filter_map(|((index, connector), sites)| Some((index, connector, sites, takes_all(connector)?)))
        .collect();
    let mut searches = 0;
    for (index, connector, sites, cost) in &all {
        let only = match &sites[..] {
            [only] => *only,
            _ => continue,
        };
        let of_edge = is_edge(facts, connector);
        // An Edge subscription takes part; other pairs from the same sites are those of RT007 and RT008.
        let rivals: Vec<_> = all
            .iter()
            .filter(|(other, rival, ..)| other != index && (of_edge || is_edge(facts, rival)))
            .filter(|(_, rival, ..)| largest(facts, rival) >= largest(facts, connector))
            .collect();
        if rivals.is_empty() {
            continue;
        }
        if searches == facts.searches_max() {
            found.unchecked(format!(
                "connectors for SMTP:* were compared from {searches} sites; `--max-searches` raises the bound"
            ));
            return;
        }
        searches += 1;
        let tree = facts.view.site_tree(only);
        let cheaper = rivals.iter().find_map(|(_, rival, sites, rival_cost)| {
            let way = sites
                .iter()
                .filter_map(|site| tree.cost(*site))
                .map(|path| path.cost)
                .min()?;
            (way + rival_cost < *cost).then_some((rival, way + rival_cost))
        });
        if let Some((rival, total)) = cheaper {
            let site = &facts.org.sites()[only].name;
            let message = named!(
                "{} never gets mail for SMTP:*: {} is cheaper from everywhere",
                connector.name,
                rival.name
            );
            let finding = found
                .about(facts.outside(*index), message)
                .fact(format!(
                    "even from {site}, where it starts, it costs {cost}, and {} costs {total} with the way there",
                    rival.name
                ))
                .advice("lower the cost of its address space if it is to be used, or remove it if it is not");
            found.push(finding);
        }
    }
}

/// A host that meets its own name takes a message for one that circles (5.3.5).
fn fqdn_clash(facts: &Facts<'_>, found: &mut Found) {
    let mut known: BTreeMap<&str, ServerIdx> = BTreeMap::new();
    for (index, server) in facts.org.servers().iter_enumerated() {
        let full = server.fqdn.as_ref().map(Name::folded);
        known.extend(full.into_iter().chain([server.name.folded()]).map(|name| (name, index)));
    }
    for connector in facts.org.receive_connectors() {
        let Some(fqdn) = &connector.fqdn else { continue };
        let Some(other) = known.get(fqdn.folded()).filter(|other| **other != connector.server) else {
            continue;
        };
        let (own, other) = (
            &facts.org.servers()[connector.server].name,
            &facts.org.servers()[*other].name,
        );
        let finding = found
            .about(
                facts.receive(connector),
                named!("{} on {own} answers with the name of {other}", connector.name),
            )
            .fact(format!("it answers as {fqdn}"))
            .fact(format!(
                "when {other} sends to it, it meets its own name and takes the message for one that circles (5.3.5)"
            ))
            .advice("give it the name of its own server, or one that no server has");
        found.push(finding);
    }
}

/// R48 and LS-2.1: a legacy server looks at scopes at every hop.
fn scope_leak(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    for (index, connector) in org.connectors().iter_enumerated() {
        let Some(group) = connector
            .routing_group
            .filter(|_| connector.kind == ConnectorKind::LegacySmtp && connector.scoped)
        else {
            continue;
        };
        let here = GroupRef::Legacy(group);
        let into: BTreeSet<GroupRef> = facts.usable().filter(|c| c.to == here).map(|c| c.from).collect();
        let out: BTreeSet<GroupRef> = facts.usable().filter(|c| c.from == here).map(|c| c.to).collect();
        // Mail passes through: in from one group, out to another.
        let passes = into.iter().any(|from| out.iter().any(|to| from != to));
        let served_elsewhere = org.connectors().iter_enumerated().any(|(other, rival)| {
            other != index
                && !(rival.scoped && rival.routing_group == Some(group))
                && rival.address_spaces.iter().any(|theirs| {
                    connector
                        .address_spaces
                        .iter()
                        .any(|own| pattern(own) == pattern(theirs) || pattern(theirs) == ("SMTP", "*"))
                })
        });
        if passes && served_elsewhere {
            let name = &org.routing_groups()[group].name;
            let message = format!(
                "mail of other groups that passes {name} leaves by {}, although it is scoped",
                connector.name
            );
            let finding = found
                .about(facts.outside(index), message)
                .fact("a legacy server decides anew at every hop, and in the group of the connector its scope holds for all")
                .advice("scope connectors in groups that no mail passes through");
            found.push(finding);
        }
    }
}
