//! What keeps a second copy of mail that is under way: roles, shadow copies, Safety Net, delayed acknowledgement.
//!
//! Ids such as `S23` in the sources of this family are those of shadow redundancy, `D1` and `D36` of hub and mailbox roles on
//! one server; they are no decisions of routing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::facts::subject;
use super::{Facts, Found, named, rules};
use crate::diagnostic::{Edit, Severity, SubjectKind, counted, some_names};
use crate::model::{
    ClusterKind, DagIdx, DatabaseHome, Generation, ReceiveConnector, Role, Server, ServerIdx, SiteIdx, period_text,
};
use crate::verify::powershell;

rules! {
    SR001 "hub-role-on-cluster" Error Certain hub_role_on_cluster;
    SR002 "hub-role-on-dag-member" Info Certain hub_role_on_dag_member;
    SR003 "rejection-with-one-candidate" Warning Certain rejection_with_one_candidate;
    SR004 "single-server-boundary" Warning Certain single_server_boundary;
    SR005 "preference-without-effect" Warning Certain preference_without_effect;
    SR006 "idle-timeout-too-long" Warning Certain idle_timeout_too_long;
    SR007 "safety-net-too-short" Warning Certain safety_net_too_short;
    SR008 "no-delayed-acknowledgement" Warning Certain no_delayed_acknowledgement;
}

const MINUTE: Duration = Duration::from_secs(60);
/// SafetyNetHoldTime where nobody has set it (T11).
const SAFETY_NET_DEFAULT: Duration = Duration::from_secs(2 * 86_400);
/// MaxAcknowledgementDelay where nobody has set it (T1).
const ACKNOWLEDGEMENT_DELAY_DEFAULT: Duration = Duration::from_secs(30);
/// Dedicated hubs of a site that are enough without the members of a DAG: no single server of it carries all mail then.
const HUBS_ENOUGH: usize = 2;

fn generation(server: &Server) -> Generation {
    server.version.generation()
}

/// D1: a node of a 2007 cluster may not be a hub.
fn hub_role_on_cluster(facts: &Facts<'_>, found: &mut Found) {
    let mut told = BTreeSet::new();
    for cluster in facts.org.clusters() {
        for index in &cluster.servers {
            let server = &facts.org.servers()[*index];
            // 2007, with or without a service pack.
            let is_2007 = generation(server).delivery() == Generation::Exchange2007Sp1;
            if !is_2007 || !server.roles.contains(Role::HubTransport) || !told.insert(*index) {
                continue;
            }
            let kind = match cluster.kind {
                ClusterKind::Scc => "a single copy cluster",
                ClusterKind::Ccr => "cluster continuous replication",
            };
            let message = named!(
                "{} has the hub role and is a node of cluster {}",
                server.name,
                cluster.name
            );
            let finding = found
                .about(facts.server(*index), message)
                .fact(format!(
                    "with {kind} a node of Exchange 2007 may hold mailboxes and nothing else"
                ))
                .advice("install the hub role on servers outside the cluster, two at least, and take it off the nodes");
            found.push(finding);
        }
    }
}

/// D36: where dedicated hubs are enough, the members of a DAG are better off without the hub role.
fn hub_role_on_dag_member(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    for site in facts.transport_sites() {
        let is_2010 = |index: &&ServerIdx| generation(&org.servers()[**index]) == Generation::Exchange2010;
        let hubs = || org.transport_servers(site).iter().filter(is_2010);
        let is_dedicated = |index: &&ServerIdx| {
            let server = &org.servers()[**index];
            server.dag.is_none() && !server.roles.contains(Role::Mailbox)
        };
        let dedicated: Vec<_> = hubs()
            .filter(is_dedicated)
            .map(|index| &org.servers()[*index].name)
            .collect();
        if dedicated.len() < HUBS_ENOUGH {
            continue;
        }
        for index in hubs() {
            let Some(dag) = org.servers()[*index].dag else { continue };
            let name = &org.servers()[*index].name;
            let message = named!(
                "{name} is a hub and a member of DAG {}, beside dedicated hubs",
                org.dags()[dag].name
            );
            let finding = found
                .about(facts.server(*index), message)
                .fact(format!(
                    "dedicated hubs of {} are {}",
                    org.sites()[site].name,
                    some_names(&dedicated)
                ))
                .fact(format!(
                    "mail for a database that is mounted on {name} makes an extra hop over another hub, or has both its copies on {name}"
                ))
                .advice(format!("take the hub role off {name}"));
            found.push(finding);
        }
    }
}

/// Transport servers of 2013 and later by what they keep shadow copies in (S6, S16, S17).
struct Boundaries<'f> {
    /// With their sites, site by site.
    servers: Vec<(ServerIdx, SiteIdx)>,
    /// How many there are in a site, whether in a DAG or not.
    in_site: BTreeMap<SiteIdx, usize>,
    /// How many there are of a DAG, by site.
    in_dag: BTreeMap<DagIdx, BTreeMap<SiteIdx, usize>>,
    /// ShadowMessagePreferenceSetting.
    preference: &'f str,
}

impl<'f> Boundaries<'f> {
    fn new(facts: &'f Facts<'_>) -> Boundaries<'f> {
        let preference = facts
            .org
            .transport_config()
            .shadow_message_preference_setting
            .as_deref();
        let mut all = Boundaries {
            servers: Vec::new(),
            in_site: BTreeMap::new(),
            in_dag: BTreeMap::new(),
            preference: preference.unwrap_or(PREFERENCE_DEFAULT),
        };
        for site in facts.transport_sites() {
            for index in facts.org.transport_servers(site) {
                let server = &facts.org.servers()[*index];
                if generation(server) < Generation::Exchange2013 {
                    continue;
                }
                all.servers.push((*index, site));
                *all.in_site.entry(site).or_default() += 1;
                if let Some(dag) = server.dag {
                    *all.in_dag.entry(dag).or_default().entry(site).or_default() += 1;
                }
            }
        }
        all
    }

    /// How many servers of its boundary are in this site, and how many everywhere, itself included.
    fn servers_of(&self, site: SiteIdx, dag: Option<DagIdx>) -> (usize, usize) {
        match dag.and_then(|dag| self.in_dag.get(&dag)) {
            Some(sites) => (sites[&site], sites.values().sum()),
            None => (self.in_site[&site], self.in_site[&site]),
        }
    }

    fn has_dag_over_sites(&self) -> bool {
        self.in_dag.values().any(|sites| sites.len() > 1)
    }

    /// How many others may hold the shadow copies of a server in this site (S44 to S50).
    fn candidates(&self, site: SiteIdx, dag: Option<DagIdx>) -> usize {
        let (here, all) = self.servers_of(site, dag);
        match self.preference {
            "LocalOnly" => here - 1,
            // Looked at only in a DAG over several sites.
            "RemoteOnly" if all > here => all - here,
            _ => all - 1,
        }
    }
}

/// ShadowMessagePreferenceSetting where nobody has set it (S44).
const PREFERENCE_DEFAULT: &str = "PreferRemote";

fn has_shadows(facts: &Facts<'_>) -> bool {
    facts.org.transport_config().shadow_redundancy_enabled != Some(false)
}

/// A change of an organization-wide setting.
fn setting(facts: &Facts<'_>, kind: &'static str, value: String, parameter: &str) -> Edit {
    Edit {
        kind,
        target: facts.org.name().to_owned(),
        value: Some(value),
        command: Some(format!("Set-TransportConfig {parameter} -WhatIf")),
    }
}

/// S23: who refuses mail that has no shadow copy needs more than one server that can hold it.
fn rejection_with_one_candidate(facts: &Facts<'_>, found: &mut Found) {
    let config = facts.org.transport_config();
    if !has_shadows(facts) || config.reject_message_on_shadow_failure != Some(true) {
        return;
    }
    let boundaries = Boundaries::new(facts);
    let mut with: [Vec<ServerIdx>; 2] = [Vec::new(), Vec::new()];
    for (index, site) in &boundaries.servers {
        if let Some(servers) = with.get_mut(boundaries.candidates(*site, facts.org.servers()[*index].dag)) {
            servers.push(*index);
        }
    }
    let [alone, with_one] = with.map(|mut servers| {
        servers.sort_unstable();
        let names = servers.into_iter().map(|index| &facts.org.servers()[index].name);
        names.collect::<Vec<_>>()
    });
    if alone.is_empty() && with_one.is_empty() {
        return;
    }
    let count = counted(alone.len() + with_one.len(), "server");
    let message = format!("mail without a shadow copy is refused, and {count} cannot choose who holds it");
    let about = (facts.organization().0, config.rejection_span);
    let mut finding = found.about(about, message);
    if !alone.is_empty() {
        finding.severity = Severity::Error;
        finding = finding
            .fact(format!("nobody can hold copies for {}", some_names(&alone)))
            .fact("all mail there is refused: 451 4.4.0");
    }
    if !with_one.is_empty() {
        finding = finding
            .fact(format!("one server can for {}", some_names(&with_one)))
            .fact("while that one is down, all mail there is refused: 451 4.4.0");
    }
    let finding = finding
        .advice("switch the rejection off, or see to it that each server has two others in its DAG, or without one in its site")
        .edit(setting(
            facts,
            "set_shadow_rejection",
            "false".to_owned(),
            "-RejectMessageOnShadowFailure $false",
        ));
    found.push(finding);
}

/// S18: alone in its boundary, a server has nobody who keeps copies of its mail.
fn single_server_boundary(facts: &Facts<'_>, found: &mut Found) {
    if !has_shadows(facts) {
        return;
    }
    let org = facts.org;
    let boundaries = Boundaries::new(facts);
    for (index, site) in &boundaries.servers {
        let server = &org.servers()[*index];
        if boundaries.candidates(*site, server.dag) > 0 {
            continue;
        }
        let (_, all) = boundaries.servers_of(*site, server.dag);
        let (site, name) = (&org.sites()[*site].name, &server.name);
        let alone = match server.dag.map(|dag| &org.dags()[dag].name) {
            Some(dag) if all > 1 => format!("by LocalOnly only the members of DAG {dag} in {site} would do"),
            Some(dag) => format!("it is the only transport server of DAG {dag}"),
            None => format!("it is the only transport server of 2013 or later in {site}, and in no DAG"),
        };
        let outcome = match org.transport_config().reject_message_on_shadow_failure {
            Some(true) => "it refuses mail: 451 4.4.0",
            _ => "mail on it has one copy, and is lost with its queue database",
        };
        let finding = found
            .about(
                facts.server(*index),
                format!("nobody can hold shadow copies for {name}"),
            )
            .fact(alone)
            .fact(outcome);
        found.push(match all {
            1 => finding.advice(match server.dag {
                Some(_) => "add a second server to the DAG",
                None => "install a second Mailbox server in the site, or put it into a DAG with another one",
            }),
            _ => finding
                .advice("let copies be held in other sites too, or add a second member in the site")
                .edit(prefer_remote(facts)),
        });
    }
}

fn prefer_remote(facts: &Facts<'_>) -> Edit {
    setting(
        facts,
        "set_shadow_preference",
        PREFERENCE_DEFAULT.to_owned(),
        &format!("-ShadowMessagePreferenceSetting {PREFERENCE_DEFAULT}"),
    )
}

/// S46: which site holds a shadow copy is a question only in a DAG over several sites.
fn preference_without_effect(facts: &Facts<'_>, found: &mut Found) {
    let boundaries = Boundaries::new(facts);
    let preference = boundaries.preference;
    let nobody = boundaries.servers.is_empty();
    if !has_shadows(facts) || preference == PREFERENCE_DEFAULT || nobody || boundaries.has_dag_over_sites() {
        return;
    }
    let about = (facts.organization().0, facts.org.transport_config().preference_span);
    let mut finding = found
        .about(about, named!("{preference} has no effect: no DAG spans several sites"))
        .fact("shadow copies stay in the site of the server that makes them, whatever the setting says");
    if preference == "LocalOnly" {
        // What it says is what happens anyhow.
        finding.severity = Severity::Info;
    }
    let finding = finding
        .advice("set the default, or extend a DAG to a second site")
        .edit(prefer_remote(facts));
    found.push(finding);
}

/// How long connections may be idle, and may last, where nobody has set it (T16, T17).
fn default_timeouts(server: &Server) -> (Duration, Duration) {
    match server.is_edge() {
        true => (MINUTE, 5 * MINUTE),
        false => (5 * MINUTE, 10 * MINUTE),
    }
}

/// `d.hh:mm:ss`, as PowerShell reads it.
fn time_span(period: Duration) -> String {
    let seconds = period.as_secs();
    let days = match seconds / 86_400 {
        0 => String::new(),
        days => format!("{days}."),
    };
    let (hours, minutes, seconds) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{days}{hours:02}:{minutes:02}:{seconds:02}")
}

/// A change of a receive connector.
fn receiving(
    facts: &Facts<'_>,
    connector: &ReceiveConnector,
    kind: &'static str,
    value: String,
    parameters: &str,
) -> Edit {
    let target = facts.receive_name(connector);
    let command = format!(
        "Set-ReceiveConnector -Identity {} {parameters} -WhatIf",
        powershell(&target)
    );
    Edit {
        kind,
        target,
        value: Some(value),
        command: Some(command),
    }
}

/// S52, S53: the time-out of an idle connection is to come before the one that ends every connection.
fn idle_timeout_too_long(facts: &Facts<'_>, found: &mut Found) {
    for connector in facts.org.receive_connectors() {
        let server = &facts.org.servers()[connector.server];
        let (idle, longest) = (connector.connection_inactivity_timeout, connector.connection_timeout);
        if server.version.is_legacy() || idle < longest {
            continue;
        }
        let (idle_default, longest_default) = default_timeouts(server);
        let longest_after = match longest > idle_default {
            true => longest,
            false => longest_default,
        };
        let message = named!(
            "{} on {} gives up an idle connection after {}, and every one after {}",
            connector.name,
            server.name,
            period_text(idle),
            period_text(longest)
        );
        let parameters = format!(
            "-ConnectionInactivityTimeout {} -ConnectionTimeout {}",
            time_span(idle_default),
            time_span(longest_after)
        );
        let value = format!("{} of {}", period_text(idle_default), period_text(longest_after));
        let finding = found
            .about(facts.receive(connector), message)
            .fact("the first has to be the shorter one: otherwise silent peers keep their connections to the end")
            .fact("the second ends a connection even while mail is on it")
            .advice("give an idle connection less time than any connection")
            .edit(receiving(facts, connector, "set_timeouts", value, &parameters));
        found.push(finding);
    }
}

/// X14: what a lagged copy lacks has to be in Safety Net still.
fn safety_net_too_short(facts: &Facts<'_>, found: &mut Found) {
    let org = facts.org;
    let hold = org
        .transport_config()
        .safety_net_hold_time
        .unwrap_or(SAFETY_NET_DEFAULT);
    let lagging = org.databases().iter().filter_map(|database| {
        let DatabaseHome::Dag(_) = database.home else {
            return None;
        };
        let copies = database.copies.iter();
        let of_2013 = copies.filter(|copy| generation(&org.servers()[copy.server]) == Generation::Exchange2013);
        // Of equally late ones the first.
        let last = of_2013.min_by_key(|copy| std::cmp::Reverse(copy.replay_lag))?;
        (last.replay_lag > hold).then_some((database, last))
    });
    let lagging: Vec<_> = lagging.collect();
    let Some(longest) = lagging.iter().map(|(_, copy)| copy.replay_lag).max() else {
        return;
    };
    for (database, copy) in lagging {
        let (name, server) = (&database.name, &org.servers()[copy.server].name);
        let about = (subject(SubjectKind::Database, name.as_str()), copy.span);
        let lag = period_text(copy.replay_lag);
        let finding = found
            .about(
                about,
                format!("Safety Net forgets mail before the copy of {name} on {server} has it"),
            )
            .fact(format!(
                "the copy replays its logs {lag} late, and Safety Net holds mail for {}",
                period_text(hold)
            ))
            .fact("when the copy is activated without those logs, what is older than Safety Net is lost")
            .advice("hold mail as long as the copy that lags most")
            .edit(setting(
                facts,
                "set_safety_net_hold_time",
                period_text(longest),
                &format!("-SafetyNetHoldTime {}", time_span(longest)),
            ));
        found.push(finding);
    }
}

/// L10-4: without delay, a server acknowledges mail of which it has the only copy.
fn no_delayed_acknowledgement(facts: &Facts<'_>, found: &mut Found) {
    if !has_shadows(facts) {
        return;
    }
    for connector in facts.org.receive_connectors() {
        let server = &facts.org.servers()[connector.server];
        let transports = server.roles.contains(Role::HubTransport) || server.is_edge();
        if generation(server) != Generation::Exchange2010
            || !transports
            || !connector.max_acknowledgement_delay.is_zero()
        {
            continue;
        }
        let message = named!("{} on {} acknowledges mail at once", connector.name, server.name);
        let delay = ACKNOWLEDGEMENT_DELAY_DEFAULT;
        let finding = found
            .about(facts.receive(connector), message)
            .fact("from senders without shadow redundancy that mail has one copy, until it is handed on")
            .fact(format!("when {} loses its queue database, nobody sends it again", server.name))
            .advice("let the acknowledgement wait for the next hop; for senders that cannot wait, make a connector of their own")
            .edit(receiving(
                facts,
                connector,
                "set_acknowledgement_delay",
                period_text(delay),
                &format!("-MaxAcknowledgementDelay {}", time_span(delay)),
            ));
        found.push(finding);
    }
}
