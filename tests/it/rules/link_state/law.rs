//! What link state settles to, on random organizations: exactly what `Beliefs` says, as far as news can arrive.
//!
//! A failure prints its seed; `BRIDGEHEAD_SEED=<seed>` replays that one organization.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use bridgehead::linkstate::{Beliefs, Conduct, Damping, Input, Options, Propagation, StateVersion, Timers, What};
use bridgehead::model::{ConnectorRef, GroupRef, Master, RoutingGroupIdx, ServerIdx, SimTime, Version};

use crate::laws::Dice;
use crate::support::{Case, org};

const ORGANIZATIONS: u64 = 400;

fn seeds() -> Vec<u64> {
    match std::env::var("BRIDGEHEAD_SEED") {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (0..ORGANIZATIONS).collect(),
    }
}

/// Two to five legacy groups and perhaps the 2007 one, with every field that link state looks at.
fn random(dice: &mut Dice) -> Case {
    let groups = 2 + dice.roll(4);
    let mut servers = "(name: \"HUB\", version: Exchange2010Sp3, site: \"A\"),".to_owned();
    let mut entries = String::new();
    let mut members: Vec<Vec<String>> = Vec::new();
    for group in 0..groups {
        let names: Vec<String> = (0..1 + dice.roll(3)).map(|n| format!("S{group}{n}")).collect();
        for name in &names {
            let version = dice.pick(&["2003", "2003", "2003", "2000", "55"]);
            write!(
                servers,
                "(name: \"{name}\", version: Exchange{version}, routing_group: \"G{group}\", suppress_state_changes: {}, \
                 link_state_blocked: {}, least_cost_only: {}),",
                dice.once_in(8),
                dice.once_in(8),
                *version == *"55" && dice.once_in(2),
            )
            .expect("text grows");
        }
        let master = match dice.roll(8) {
            0 => ", master: \"\"".to_owned(),
            1 | 2 => format!(", master: \"{}\"", names[names.len() - 1]),
            _ => String::new(),
        };
        write!(entries, "(name: \"G{group}\"{master}, stale: {}),", dice.once_in(10)).expect("text grows");
        members.push(names);
    }
    let mut connectors = String::new();
    for number in 0..groups + dice.roll(2 * groups) {
        let ends = [dice.roll(groups + 1), dice.roll(groups + 1)];
        let name = |end: u64| {
            if end == groups {
                "DWBGZMFD01QNBJR".to_owned()
            } else {
                format!("G{end}")
            }
        };
        let mut list = |end: u64| {
            let listed: Vec<&str> = match members.get(usize::try_from(end).expect("small")) {
                Some(_) if dice.once_in(2) => vec![],
                Some(names) => names.iter().map(String::as_str).filter(|_| dice.roll(3) > 0).collect(),
                None => vec!["HUB"],
            };
            format!("{listed:?}")
        };
        let (from, to) = (ends[0], ends[1]);
        writeln!(
            connectors,
            "(name: \"C{number}\", from: \"{}\", to: \"{}\", source_servers: {}, target_servers: {}),",
            name(from),
            name(to),
            list(from),
            list(to),
        )
        .expect("text grows");
    }
    let mut outward = String::new();
    for number in 0..dice.roll(3) {
        let hosts = dice.pick(&["[]", "[\"relay.example\"]"]);
        writeln!(
            outward,
            "(name: \"X{number}\", kind: LegacySmtp, routing_group: \"G0\", source_servers: [\"S00\"], \
             address_spaces: [\"SMTP:*\"], smart_hosts: {hosts}, enabled: {}),",
            !dice.once_in(4)
        )
        .expect("text grows");
    }
    org(&format!(
        "sites: [(name: \"A\")], servers: [{servers}], routing_groups: [{entries}],\n\
         routing_group_connectors: [{connectors}], connectors: [{outward}],"
    ))
}

fn random_timers(dice: &mut Dice) -> Timers {
    let wait = |dice: &mut Dice, seconds: u64| Duration::from_secs(dice.roll(2) * seconds);
    Timers {
        options: Options {
            dns_always_up: dice.once_in(2),
            exempt_without_alternative: dice.once_in(3),
        },
        within_group: wait(dice, 1),
        on_session: Some(wait(dice, 45)),
        damping: if dice.once_in(3) {
            Damping::Window
        } else {
            Damping::HoldDown
        },
        ..Timers::default()
    }
}

/// Connectors that have a source bridgehead to notice that they fail.
fn noticed(case: &Case) -> Vec<ConnectorRef> {
    let org = &case.org;
    let source = |connector: &ConnectorRef| match connector {
        ConnectorRef::RoutingGroup(index) => case.graphs.combined.connector(*index).is_some(),
        ConnectorRef::External(index) => {
            let connector = &org.connectors()[*index];
            let here = |server: &ServerIdx| org.legacy_group(*server) == connector.routing_group;
            connector.source_servers.iter().any(here)
        }
    };
    org.connectors_of_both_kinds().into_iter().filter(source).collect()
}

fn some(dice: &mut Dice, connectors: &[ConnectorRef]) -> BTreeSet<ConnectorRef> {
    let sides = 1 + dice.roll(4);
    connectors.iter().copied().filter(|_| dice.once_in(sides)).collect()
}

fn is_frozen(case: &Case, group: RoutingGroupIdx) -> bool {
    let group = &case.org.routing_groups()[group];
    group.stale || group.master == Master::Nobody
}

/// Groups that news from `from` reaches while `failed` is down: written from the rule, without the engine's islands.
fn reached(case: &Case, from: RoutingGroupIdx, failed: &BTreeSet<ConnectorRef>) -> BTreeSet<RoutingGroupIdx> {
    let talks = |server: &ServerIdx| {
        let server = &case.org.servers()[*server];
        [Version::Exchange2000, Version::Exchange2003].contains(&server.version) && !server.link_state_blocked
    };
    let mut reached = BTreeSet::from([from]);
    loop {
        let before = reached.len();
        for (index, _) in case.org.routing_group_connectors().iter_enumerated() {
            let Some(connector) = case.graphs.combined.connector(index) else {
                continue;
            };
            let (GroupRef::Legacy(a), GroupRef::Legacy(b)) = (connector.from, connector.to) else {
                continue;
            };
            let carries = !failed.contains(&ConnectorRef::RoutingGroup(index))
                && connector.sources.iter().any(talks)
                && connector.targets.iter().any(talks)
                && !is_frozen(case, a)
                && !is_frozen(case, b);
            if carries && (reached.contains(&a) || reached.contains(&b)) {
                reached.extend([a, b]);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

fn source(case: &Case, connector: ConnectorRef) -> Option<RoutingGroupIdx> {
    match connector {
        ConnectorRef::RoutingGroup(index) => match case.org.routing_group_connectors()[index].from {
            GroupRef::Legacy(group) => Some(group),
            GroupRef::Exchange2007 => None,
        },
        ConnectorRef::External(index) => case.org.connectors()[index].routing_group,
    }
}

#[test]
fn it_settles_to_what_beliefs_say_as_far_as_news_can_arrive() {
    let (mut down, mut cut_off) = (0, 0);
    for seed in seeds() {
        let mut dice = Dice(seed);
        let case = random(&mut dice);
        let timers = random_timers(&mut dice);
        let beliefs = Beliefs::new(&case.org, &case.graphs.combined, timers.options);
        let noticed = noticed(&case);
        for _ in 0..3 {
            let failed = some(&mut dice, &noticed);
            for conduct in [Conduct::Settled, Conduct::Working] {
                let timers = Timers {
                    conduct,
                    ..timers.clone()
                };
                let mut state = Propagation::new(&case.org, &case.graphs.combined, timers);
                for connector in &failed {
                    state.schedule(SimTime::ZERO, Input::ConnectorFails(*connector));
                }
                state.advance(SimTime::from_secs(5000));
                for (group, _) in case.org.routing_groups().iter_enumerated() {
                    let arrives = |connector: &ConnectorRef| {
                        let home = source(&case, *connector);
                        home.is_some_and(|home| reached(&case, home, &failed).contains(&group))
                    };
                    let acts = |connector: &&ConnectorRef| beliefs.group_acts_on(group, **connector);
                    let expect: Vec<ConnectorRef> = failed
                        .iter()
                        .filter(acts)
                        .filter(|connector| conduct == Conduct::Settled || arrives(connector))
                        .copied()
                        .collect();
                    assert_eq!(
                        state.believed_down(group),
                        expect,
                        "seed {seed}, {conduct:?}, {group:?}, failed {failed:?}"
                    );
                    down += expect.len();
                    cut_off += failed.iter().filter(acts).count() - expect.len();
                }
            }
        }
    }
    // The law would hold of nothing at all: there is something to believe, and news that does not arrive.
    if seeds().len() > 1 {
        assert!(down > 1000 && cut_off > 50, "{down} {cut_off}");
    }
}

/// Everything that can happen, at random times within two hours; then all is mended.
fn chaos(dice: &mut Dice, case: &Case, state: &mut Propagation<'_>) {
    let connectors = case.org.connectors_of_both_kinds();
    let servers: Vec<ServerIdx> = case.org.servers().iter_enumerated().map(|(server, _)| server).collect();
    let mut any = |length: usize| usize::try_from(dice.roll(length as u64)).expect("below the length");
    for _ in 0..20 {
        let at = SimTime::from_secs(any(7200) as u64);
        let connector = |any: &mut dyn FnMut(usize) -> usize| connectors[any(connectors.len())];
        let server = servers[any(servers.len())];
        let input = match any(7) {
            0 | 1 => Input::ConnectorFails(connector(&mut any)),
            2 => Input::ConnectorRecovers(connector(&mut any)),
            3 => Input::ServerStops(server),
            4 => Input::ServerStarts(server),
            5 => Input::ConfigurationChanges(connector(&mut any)),
            _ => match case.org.legacy_group(server) {
                Some(group) => Input::MasterAppointed(group, server),
                None => continue,
            },
        };
        state.schedule(at, input);
    }
    let mended = SimTime::from_secs(7200);
    for server in servers {
        state.schedule(mended, Input::ServerStarts(server));
    }
    for connector in connectors {
        state.schedule(mended, Input::ConnectorRecovers(connector));
    }
}

/// Groups all of whose tables were gone at some time: their masters began to count anew, and may have come to a number that
/// they had given to something else.
fn forgetful(state: &Propagation<'_>) -> BTreeSet<RoutingGroupIdx> {
    let mut last = BTreeMap::new();
    let mut forgetful = BTreeSet::new();
    for happening in state.timeline() {
        let What::Version { group, version } = happening.what else {
            continue;
        };
        // The first number is 1.0.0.
        let before = last.insert(group, version).unwrap_or(StateVersion::new(1, 0, 0));
        if version < before {
            forgetful.insert(group);
        }
    }
    forgetful
}

#[test]
fn when_all_is_mended_nobody_believes_anything_down_and_tables_agree() {
    for seed in seeds() {
        let mut dice = Dice(seed);
        let case = random(&mut dice);
        let timers = random_timers(&mut dice);
        let roll = dice.roll(u64::MAX);
        let run = || {
            let mut state = Propagation::new(&case.org, &case.graphs.combined, timers.clone());
            chaos(&mut Dice(roll), &case, &mut state);
            state.advance(SimTime::from_secs(20_000));
            state
        };
        let state = run();
        assert_eq!(
            state.timeline(),
            run().timeline(),
            "seed {seed}: the same events tell the same"
        );
        assert!(
            state.timeline().is_sorted_by_key(|happening| happening.at),
            "seed {seed}"
        );
        let masters: Vec<(RoutingGroupIdx, ServerIdx)> = case
            .org
            .routing_groups()
            .iter_enumerated()
            .filter_map(|(group, _)| Some((group, state.master(group).running()?)))
            .collect();
        let forgetful = forgetful(&state);
        for (group, master) in &masters {
            let down = state.believed_down(*group).iter();
            let down: Vec<_> = down
                .filter(|down| !forgetful.contains(&source(&case, **down).expect("legacy")))
                .collect();
            assert_eq!(down, Vec::<&ConnectorRef>::new(), "seed {seed}, {group:?}");
            let island = reached(&case, *group, &BTreeSet::new());
            let table = state.table(*master).expect("it runs");
            let joined = masters.iter().filter(|(other, _)| island.contains(other));
            let members = case.org.group_servers(*group);
            for server in joined.map(|(_, server)| server).chain(members) {
                let Some(theirs) = state.table(*server) else { continue };
                for of in table.groups() {
                    let (own, other) = (table.entry(of), theirs.entry(of));
                    // Of groups in other islands one knows what the directory says, and not their versions.
                    let same = match of {
                        GroupRef::Legacy(group) if forgetful.contains(&group) => true,
                        GroupRef::Legacy(group) if island.contains(&group) => own == other,
                        _ => own.connectors == other.connectors,
                    };
                    assert!(same, "seed {seed}, {master:?} {server:?} {own:#?} {other:#?}");
                }
            }
        }
    }
}
