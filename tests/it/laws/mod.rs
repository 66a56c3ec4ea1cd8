//! Laws: what holds for every organization, tried on seeded random ones.
//!
//! A failure prints its seed; `BRIDGEHEAD_SEED=<seed>` replays that one organization.

mod changes;
mod failures;
mod loops;
mod paths;
mod walks;

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
