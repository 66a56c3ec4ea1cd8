//! Size limits, and what becomes of messages above them.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::unionfind::UnionFind;

use super::offers::{largest, limit, pattern, serving};
use super::{Facts, Found, named, rules};
use crate::diagnostic::some_names;
use crate::model::{
    AddressSpace, ConnectorIdx, ConnectorKind, ConnectorRef, GroupRef, RoutingGroupConnectorIdx, RoutingGroupIdx,
    SiteIdx, SizeLimit,
};
use crate::verify::{Edit, describe};

rules! {
    RG007 "rtm-size-limit" Error Certain rtm_size_limit;
    RG008 "sp1-size-on-least-cost" Warning Certain size_on_least_cost;
    RT013 "limit-falls-through" Warning Certain limit_falls_through;
    RT014 "link-size-on-least-cost" Warning Certain link_size;
    RT033 "foreign-limit-zero" Warning Certain foreign_limit_zero;
}

/// R62 to R65: 2007 RTM sees no limits of connectors between groups, legacy servers obey them.
fn rtm_size_limit(facts: &Facts<'_>, found: &mut Found) {
    let hubs = facts.rtm_hubs();
    if hubs.is_empty() {
        return;
    }
    for (index, connector) in facts.org.routing_group_connectors().iter_enumerated() {
        if connector.max_message_size == SizeLimit::Unlimited {
            continue;
        }
        let message = named!(
            "{} takes messages up to {}, which 2007 RTM does not see",
            connector.name,
            connector.max_message_size
        );
        let finding = found
            .about(facts.between(index), message)
            .fact(format!(
                "of 2007 RTM: {}",
                some_names(hubs.iter().map(|hub| &facts.org.servers()[*hub].name))
            ))
            .fact("a legacy server that gets a larger message looks for another way, perhaps back")
            .advice("lift the limit, or install Service Pack 1 on the servers of 2007 RTM")
            .edit(describe(facts.org, &Edit::LiftLimit(ConnectorRef::RoutingGroup(index))));
        found.push(finding);
    }
}

/// R68, R69, R71: from SP1 on a message larger than a limit on the least-cost path is returned, and no other way is tried.
fn size_on_least_cost(facts: &Facts<'_>, found: &mut Found) {
    if !facts.has_sp1() || facts.org.is_plain() {
        return;
    }
    let network = &facts.world().network;
    let limited = |index: RoutingGroupConnectorIdx| {
        facts.org.routing_group_connectors()[index].max_message_size != SizeLimit::Unlimited
    };
    let mut culprits: BTreeMap<RoutingGroupConnectorIdx, Vec<RoutingGroupIdx>> = BTreeMap::new();
    if !facts.usable().any(|connector| limited(connector.index)) {
        return;
    }
    for group in facts.legacy_groups() {
        let target = || [(GroupRef::Legacy(group), 0)];
        let all = network.distances(target(), |_| true);
        let wide = network.distances(target(), |index| !limited(index));
        let costs = (
            network.cost(&all, GroupRef::Exchange2007),
            network.cost(&wide, GroupRef::Exchange2007),
        );
        // Every least-cost path has a limit, and a dearer one has none.
        let (Some(least), Some(without)) = costs else { continue };
        if without <= least {
            continue;
        }
        let mut seen = BTreeSet::from([GroupRef::Exchange2007]);
        let mut pending = vec![GroupRef::Exchange2007];
        while let Some(at) = pending.pop() {
            for crossing in network.best_first(at, &all, |_| true) {
                if limited(crossing.connector) {
                    culprits.entry(crossing.connector).or_default().push(group);
                }
                if seen.insert(crossing.other) {
                    pending.push(crossing.other);
                }
            }
        }
    }
    for (index, groups) in culprits {
        let connector = &facts.org.routing_group_connectors()[index];
        let message = named!(
            "{} takes messages up to {} and lies on a least-cost path, and larger ones are returned although there is a way",
            connector.name,
            connector.max_message_size
        );
        let finding = found
            .about(facts.between(index), message)
            .fact(format!(
                "mail from 2007 for {}",
                some_names(groups.iter().map(|group| &facts.org.routing_groups()[*group].name))
            ))
            .advice("raise its cost until the least-cost path is one without a limit, and look for loops again; or lift the limit")
            .edit(describe(facts.org, &Edit::LiftLimit(ConnectorRef::RoutingGroup(index))));
        found.push(finding);
    }
}

/// RT-2.6.2: size is a filter before specificity, so that a larger message takes a less specific connector.
fn limit_falls_through(facts: &Facts<'_>, found: &mut Found) {
    // The largest messages that each space of unscoped connectors takes, and who takes them.
    let mut takes: BTreeMap<(&str, &str), (u64, ConnectorIdx)> = BTreeMap::new();
    let open = || {
        serving(facts)
            .map(|(listed, _)| listed)
            .filter(|(_, connector)| !connector.scoped)
    };
    for (index, connector) in open() {
        for space in &connector.address_spaces {
            let here = (largest(facts, connector), index);
            let best = takes.entry(pattern(space)).or_insert(here);
            if here.0 > best.0 {
                *best = here;
            }
        }
    }
    for (index, connector) in open() {
        let SizeLimit::Bytes(least) = limit(facts, connector) else {
            continue;
        };
        let larger = connector.address_spaces.iter().find_map(|space| {
            let covering = covering(space);
            let found = covering
                .iter()
                .filter_map(|value| takes.get(&(space.kind().folded(), value.as_str())));
            found
                .filter(|(most, other)| *most > least && *other != index)
                .map(|(_, other)| (space, *other))
                .next()
        });
        if let Some((space, other)) = larger {
            let other = &facts.org.connectors()[other];
            let message = format!(
                "messages for {} above {} go by {}, and are not refused",
                space.value(),
                SizeLimit::Bytes(least),
                other.name
            );
            let finding = found
                .about(facts.outside(index), message)
                .fact(named!(
                    "{} takes {}",
                    other.name,
                    match limit(facts, other) {
                        SizeLimit::Unlimited => "any size".to_owned(),
                        most => format!("up to {most}"),
                    }
                ))
                .fact("connectors that are too small are left out before the most specific address space is looked for")
                .advice(
                    "if the limit is meant to hold, set it on the organization or on the less specific connector, too",
                );
            found.push(finding);
        }
    }
}

/// The values of spaces that match everything that `space` matches, itself included, as far as domains say.
fn covering(space: &AddressSpace) -> Vec<String> {
    let value = space.value().folded();
    let mut all = vec![value.to_owned()];
    if value == "*" || space.is_accepted_domains() {
        return all;
    }
    let mut rest = Some(value.strip_prefix("*.").unwrap_or(value)).filter(|_| space.kind().folded() == "SMTP");
    while let Some(domain) = rest {
        let wider = format!("*.{domain}");
        if wider != value {
            all.push(wider);
        }
        rest = domain.split_once('.').map(|(_, parent)| parent);
    }
    all.push("*".to_owned());
    all
}

/// RT-2.11: a site link's limit returns messages, and the way around is not taken.
fn link_size(facts: &Facts<'_>, found: &mut Found) {
    if !facts.has_sp1() {
        return;
    }
    let mut links: Vec<_> = facts
        .org
        .site_links()
        .iter_enumerated()
        .filter(|(_, link)| link.is_routed())
        .collect();
    if links
        .iter()
        .all(|(_, link)| link.max_message_size == SizeLimit::Unlimited)
    {
        return;
    }
    links.sort_by_key(|(index, link)| (std::cmp::Reverse(link.max_message_size.largest()), *index));
    let mut wider = UnionFind::<usize>::new(facts.org.sites().len());
    let mut searches = 0;
    for links in links.chunk_by(|(_, a), (_, b)| a.max_message_size == b.max_message_size) {
        for (index, link) in links {
            // Pairs that wider links join, too: there the limit returns what could arrive.
            let around = |a: SiteIdx, b: SiteIdx| wider.equiv(a.index(), b.index());
            let candidates: Vec<SiteIdx> = link
                .sites
                .iter()
                .copied()
                .filter(|a| {
                    link.max_message_size != SizeLimit::Unlimited && link.sites.iter().any(|b| a != b && around(*a, *b))
                })
                .collect();
            for from in candidates {
                if searches == facts.searches_max() {
                    found.unchecked(format!(
                        "limits of site links were looked at from {searches} sites; `--max-searches` raises the bound"
                    ));
                    return;
                }
                searches += 1;
                let tree = facts.view.site_tree(from);
                let crossed = |to: &&SiteIdx| tree.before(**to) == Some((from, *index)) && around(from, **to);
                if let Some(to) = link.sites.iter().find(crossed) {
                    let name = |site: SiteIdx| &facts.org.sites()[site].name;
                    let message = named!(
                        "{} takes messages up to {} and lies on least-cost paths, and larger ones are returned although there is a way",
                        link.name,
                        link.max_message_size
                    );
                    let finding = found
                        .about(facts.link(*index), message)
                        .fact(format!(
                            "between {} and {}, wider links lead around",
                            name(from),
                            name(*to)
                        ))
                        .advice("raise its cost until the least-cost path is one that takes larger messages");
                    found.push(finding);
                    break;
                }
            }
        }
        for (_, link) in links {
            for pair in link.sites.windows(2) {
                wider.union(pair[0].index(), pair[1].index());
            }
        }
    }
}

/// Zero lets nothing through.
fn foreign_limit_zero(facts: &Facts<'_>, found: &mut Found) {
    for (index, connector) in facts.org.connectors().iter_enumerated() {
        let is_zero = connector.max_message_size == Some(SizeLimit::Bytes(0));
        if connector.kind == ConnectorKind::Foreign && connector.enabled && is_zero {
            let finding = found
                .about(
                    facts.outside(index),
                    named!("{} takes no message at all", connector.name),
                )
                .fact("its size limit is 0, which disables a Foreign connector")
                .advice("set a size, or `unlimited`; to switch it off, disable it");
            found.push(finding);
        }
    }
}
