//! Questions to an organization: from every kind of sender to every kind of recipient.

use serde_json::Value;

use super::super::file::Schedule;
use super::super::hours::{MINUTES_OF_THE_WEEK, Window, written};
use super::super::org::{Org, Place};
use super::super::{Backoff, DefaultSize, LegacyCost, LegacyTie, Options, Query};
use super::dice::Dice;
use super::recipients::{EXTERNAL, GROUPS, MAILBOXES};

const QUERIES: usize = 12;

/// The options to ask with: the usual ones more often than not.
pub(crate) fn options(seed: u64) -> Options {
    let dice = &mut Dice::of(seed, "options");
    Options {
        backoff: if dice.percent(25) {
            Backoff::Binary
        } else {
            Backoff::Linear
        },
        legacy_tie: if dice.percent(25) {
            LegacyTie::Names
        } else {
            LegacyTie::Hops
        },
        legacy_cost: if dice.percent(25) {
            LegacyCost::Sum
        } else {
            LegacyCost::Pair
        },
        default_size: if dice.percent(25) {
            DefaultSize::Product
        } else {
            DefaultSize::None
        },
        dns_connectors_fail: dice.percent(20),
        exempt_without_alternative: dice.percent(20),
    }
}

/// A dozen of questions; none when nobody can send.
pub(crate) fn queries(seed: u64, file: &Value) -> Vec<Query> {
    let dice = &mut Dice::of(seed, "queries");
    let org = Org::parse(&file.to_string());
    let senders = senders(&org);
    if senders.is_empty() {
        return Vec::new();
    }
    let hours = &mut Dice::of(seed, "hours of queries");
    let edges = edges_of_windows(&org);
    let query = |_| Query {
        at: instant(hours, &edges),
        ..query(dice, &org, &senders)
    };
    (0..QUERIES).map(query).collect()
}

/// When windows of any connector begin and end.
fn edges_of_windows(org: &Org) -> Vec<u16> {
    let between = org.group_connectors.iter().map(|connector| &connector.restrictions);
    let all = between.chain(org.connectors.iter().map(|connector| &connector.restrictions));
    let windows = all.filter_map(|restrictions| match &restrictions.schedule {
        Some(Schedule::Windows(windows)) => Some(windows),
        _ => None,
    });
    windows.flatten().flat_map(Window::edges).collect()
}

/// Of every third question where there are hours: an edge of a window, the minute before it, or any other.
fn instant(dice: &mut Dice, edges: &[u16]) -> Option<String> {
    if edges.is_empty() || !dice.percent(33) {
        return None;
    }
    let edge = dice.pick(edges);
    let minute = match dice.between(0, 4) {
        0 | 1 => edge,
        2 | 3 => edge + MINUTES_OF_THE_WEEK - 1,
        _ => edge + MINUTES_OF_THE_WEEK / 2,
    };
    Some(written(minute % MINUTES_OF_THE_WEEK))
}

/// Routers, and servers by name: a server that takes no mail itself sends as the site it stands in (D3).
fn senders(org: &Org) -> Vec<String> {
    let mut senders: Vec<String> = routers(org);
    for server in org.servers.iter().filter(|server| !server.name.written.is_empty()) {
        if server.place.is_some_and(|place| org.is_router(place)) {
            senders.push(format!("server:{}", server.name.written));
        }
    }
    senders
}

fn routers(org: &Org) -> Vec<String> {
    let sites = (0..org.sites.len()).map(Place::Site);
    let groups = (0..org.groups.len()).map(Place::Group);
    sites
        .chain(groups)
        .filter(|&place| org.is_router(place))
        .map(|place| node(org, place))
        .collect()
}

fn node(org: &Org, place: Place) -> String {
    match place {
        Place::Site(site) => format!("site:{}", org.sites[site].name.written),
        Place::Group(group) => format!("rg:{}", org.groups[group].name.written),
    }
}

fn query(dice: &mut Dice, org: &Org, senders: &[String]) -> Query {
    let from = dice.pick(senders);
    let count = if dice.percent(25) { dice.between(2, 5) } else { 1 };
    let mut to: Vec<String> = Vec::new();
    while to.len() < count {
        let recipient = recipient(dice, org);
        // Small organizations do not have as many recipients.
        if to.contains(&recipient) {
            break;
        }
        to.push(recipient);
    }
    let mut query = Query {
        from,
        to,
        ..Query::default()
    };
    if dice.percent(20) {
        query.sender = Some(
            dice.pick(&["ANN@contoso.example", "x@partner.example", "zoe@contoso.example"])
                .to_owned(),
        );
    }
    if dice.percent(20) {
        query.priority = Some(dice.pick(&["Low", "Normal", "High"]).to_owned());
    }
    if dice.percent(20) {
        query.message_type = Some(dice.pick(&["System", "NonSystem"]).to_owned());
    }
    if query.to.len() == 1 && dice.percent(35) {
        // At, below and above the limits of the generator and those of the product (D30).
        let mebibytes = dice.pick(&[1, 2, 3, 5, 10, 11, 35]) << 20;
        query.size = Some(dice.pick(&[mebibytes - 1, mebibytes, mebibytes + 1]));
    }
    if query.to.len() == 1 && dice.percent(35) {
        for _ in 0..dice.pick(&[1, 1, 2, 3]) {
            query.down.extend(down(dice, org));
        }
    }
    query
}

fn recipient(dice: &mut Dice, org: &Org) -> String {
    match dice.between(0, 9) {
        0..=2 => dice.pick(&EXTERNAL).to_owned(),
        3..=5 => {
            let mailbox = dice.pick(&MAILBOXES);
            if dice.percent(10) {
                format!("smtp:{mailbox}")
            } else {
                mailbox.to_owned()
            }
        }
        6 => dice.pick(&GROUPS).to_owned(),
        7 if !org.servers[0].name.written.is_empty() => {
            let servers: Vec<&str> = org.servers.iter().map(|server| server.name.written.as_str()).collect();
            format!("server:{}", dice.pick(&servers))
        }
        _ => {
            // Transit sites and groups without servers too: there is no way to them.
            let sites = (0..org.sites.len()).map(Place::Site);
            let groups = (0..org.groups.len()).map(Place::Group);
            let all: Vec<Place> = sites.chain(groups).collect();
            node(org, dice.pick(&all))
        }
    }
}

fn down(dice: &mut Dice, org: &Org) -> Option<(String, String)> {
    let (kind, names): (&str, Vec<&str>) = match dice.between(0, 3) {
        0 => (
            "server",
            org.servers.iter().map(|server| server.name.written.as_str()).collect(),
        ),
        1 => (
            "site",
            org.sites.iter().map(|site| site.name.written.as_str()).collect(),
        ),
        2 => (
            "link",
            org.links.iter().map(|link| link.name.written.as_str()).collect(),
        ),
        _ => {
            let between = org
                .group_connectors
                .iter()
                .map(|connector| connector.name.written.as_str());
            (
                "connector",
                between
                    .chain(org.connectors.iter().map(|c| c.name.written.as_str()))
                    .collect(),
            )
        }
    };
    let named: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    (!named.is_empty()).then(|| (kind.to_owned(), dice.pick(&named).to_owned()))
}
