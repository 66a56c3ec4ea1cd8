//! Servers of all generations, in their places and out of them, and Edge servers with their subscriptions.

use serde_json::{Value, json};

use super::Cast;
use super::dice::Dice;

/// A server, as the other parts of a file look for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Actor {
    pub(super) name: String,
    pub(super) era: Era,
    /// The site or group it stands in, as a position; none for servers that are out of place.
    pub(super) site: Option<usize>,
    pub(super) group: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    Legacy,
    E2007,
    E2010,
    Modern,
    Edge,
}

impl Era {
    fn versions(self) -> &'static [&'static str] {
        match self {
            Self::Legacy => &["Exchange55", "Exchange2000", "Exchange2003", "Exchange2003"],
            Self::E2007 => &[
                "Exchange2007Rtm",
                "Exchange2007Rtm",
                "Exchange2007Sp1",
                "Exchange2007Sp2",
                "Exchange2007Sp3",
            ],
            Self::E2010 => &[
                "Exchange2010Rtm",
                "Exchange2010Sp1",
                "Exchange2010Sp2",
                "Exchange2010Sp3",
            ],
            Self::Modern => &["Exchange2013", "Exchange2016", "Exchange2019", "ExchangeSe"],
            Self::Edge => &["Exchange2007Sp1", "Exchange2010Sp3", "Exchange2016"],
        }
    }

    fn roles(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Legacy => &[],
            Self::E2007 | Self::E2010 => &[
                &["HubTransport"],
                &["HubTransport"],
                &["Mailbox"],
                &["HubTransport", "Mailbox"],
                &["ClientAccess"],
            ],
            Self::Modern => &[&["Mailbox"], &["Mailbox", "ClientAccess"], &["ClientAccess"]],
            Self::Edge => &[&["EdgeTransport"]],
        }
    }
}

/// The servers of the file, and the same to refer to.
pub(super) fn servers(dice: &mut Dice, cast: &Cast) -> (Vec<Actor>, Vec<Value>) {
    let eras: &[Era] = match dice.between(0, 9) {
        0..=2 => &[Era::E2007],
        3..=5 => &[Era::E2007, Era::E2010],
        6 => &[Era::E2010],
        7 => &[Era::E2010, Era::Modern],
        8 => &[Era::Modern],
        _ => &[Era::E2007, Era::E2010, Era::Modern],
    };
    let mut found = Found::default();
    for site in 0..cast.sites.len() {
        let count = if dice.percent(15) { 0 } else { dice.pick(&[1, 1, 2, 3]) };
        for _ in 0..count {
            let era = dice.pick(eras);
            found.add(dice, cast, era, Some(site), None);
        }
    }
    for group in 0..cast.groups.len() {
        let count = if dice.percent(12) { 0 } else { dice.between(1, 2) };
        for _ in 0..count {
            found.add(dice, cast, Era::Legacy, None, Some(group));
        }
    }
    for _ in 0..dice.pick(&[0, 0, 0, 1, 2]) {
        found.add(dice, cast, Era::Edge, None, None);
    }
    if dice.percent(15) {
        found.add_out_of_place(dice, cast, eras);
    }
    (found.actors, found.records)
}

#[derive(Debug, Default)]
struct Found {
    actors: Vec<Actor>,
    records: Vec<Value>,
}

impl Found {
    fn add(&mut self, dice: &mut Dice, cast: &Cast, era: Era, site: Option<usize>, group: Option<usize>) {
        // The number keeps names apart, the letter before it decides which is lower.
        let name = format!("{}{}", dice.pick(&["h", "H", "a", "M", "z", "_"]), self.actors.len());
        let mut record = json!({ "name": name, "version": dice.pick(era.versions()) });
        if let Some(site) = site {
            record["site"] = json!(dice.reference(&cast.sites[site]));
        }
        if let Some(group) = group {
            record["routing_group"] = json!(dice.reference(&cast.groups[group]));
        }
        if era == Era::Edge || (!era.roles().is_empty() && dice.percent(40)) {
            record["roles"] = json!(dice.pick(era.roles()));
        }
        self.actors.push(Actor { name, era, site, group });
        self.records.push(record);
    }

    /// D2: what a directory can hold and Exchange does not support. Other objects refer to it all the same.
    fn add_out_of_place(&mut self, dice: &mut Dice, cast: &Cast, eras: &[Era]) {
        let era = dice.pick(eras);
        match dice.between(0, 3) {
            0 => {
                self.add(dice, cast, Era::Legacy, None, None);
                let group = dice.pick(&["DWBGZMFD01QNBJR", "Exchange Routing Group (DWBGZMFD01QNBJR)"]);
                self.change_last("routing_group", group);
            }
            1 => {
                self.add(dice, cast, Era::Legacy, None, None);
                self.change_last("site", &dice.pick(&cast.sites));
            }
            2 if !cast.groups.is_empty() => {
                self.add(dice, cast, era, None, None);
                self.change_last("routing_group", &dice.pick(&cast.groups));
            }
            _ => self.add(dice, cast, era, None, None),
        }
    }

    fn change_last(&mut self, field: &str, value: &str) {
        if let Some(last) = self.records.last_mut() {
            last[field] = json!(value);
        }
    }
}

/// One site for every Edge server. Some are not subscribed.
pub(super) fn edge_subscriptions(dice: &mut Dice, cast: &Cast) -> Vec<Value> {
    let mut subscriptions = Vec::new();
    for edge in cast.servers.iter().filter(|server| server.era == Era::Edge) {
        if dice.percent(20) {
            continue;
        }
        let site = dice.pick(&cast.sites);
        let mut subscription = json!({ "edge": dice.reference(&edge.name), "site": dice.reference(&site) });
        for field in ["create_inbound_connector", "create_internet_connector"] {
            if dice.percent(15) {
                subscription[field] = json!(false);
            }
        }
        subscriptions.push(subscription);
    }
    subscriptions
}
