//! Who can be whose shadow server (S6, S15–S17, S27, S30), and in which order they are tried (S44–S51).

use std::collections::VecDeque;

use super::super::kernel::Kernel;
use super::super::mutant::Mutant;
use crate::delivery::round_robin;
use crate::model::{Generation, ServerIdx};

/// MaxRetriesForRemoteSiteShadow and MaxRetriesForLocalSiteShadow where nobody has set them (S47, S49).
const RETRIES: (u32, u32) = (4, 2);

impl Kernel<'_> {
    /// Whether a server runs a Transport service of 2013 or later: Edge servers are in no boundary (N40).
    pub(super) fn is_transport_2013(&self, server: ServerIdx) -> bool {
        self.generation(server) == Generation::Exchange2013 && self.stage.org.transport_site(server).is_some()
    }

    /// The servers of the boundary that a server is in, by name, itself among them. O(servers of the DAG or site).
    pub(super) fn boundary(&self, server: ServerIdx) -> Vec<ServerIdx> {
        let org = &self.stage.org;
        let all: &[ServerIdx] = match (org.transport_site(server), org.servers()[server].dag) {
            (None, _) => &[],
            (Some(_), Some(dag)) => &org.dags()[dag].servers,
            (Some(site), None) => org.transport_servers(site),
        };
        let all = all.iter().copied();
        all.filter(|other| self.stays_inside(server, *other)).collect()
    }

    /// Whether another server is in the boundary of a server, so that what is handed to it stays where copies of it are kept: that
    /// is its DAG, or without one its site. A 2010 hub is never inside (S36). O(servers of a site).
    pub(super) fn stays_inside(&self, from: ServerIdx, to: ServerIdx) -> bool {
        let org = &self.stage.org;
        let site = org.transport_site(from);
        let together = match org.servers()[from].dag {
            Some(dag) => org.servers()[to].dag == Some(dag),
            None => org.transport_site(to) == site,
        };
        site.is_some() && together && self.is_transport_2013(to)
    }

    /// The servers that a primary server tries, one after the other, for the message that is number `turn` (M3, M7): other
    /// sites before its own, each server once. O(servers of the DAG or site).
    pub(super) fn partners(&self, server: ServerIdx, turn: usize) -> VecDeque<ServerIdx> {
        let org = &self.stage.org;
        let config = org.transport_config();
        let site = org.transport_site(server);
        let itself = self.is(Mutant::OwnShadow);
        let others = self.boundary(server).into_iter();
        let others = others.filter(|other| *other != server || itself);
        let (local, remote): (Vec<_>, Vec<_>) = others.partition(|other| org.transport_site(*other) == site);
        // The preference matters only in a DAG over several sites (S46, S50).
        let (ask_remote, ask_local) = match config.shadow_message_preference_setting.as_deref() {
            _ if remote.is_empty() => (false, true),
            Some("LocalOnly") => (false, true),
            Some("RemoteOnly") => (true, false),
            _ => (true, true),
        };
        let settings = &self.stage.scenario.settings;
        let turn = if settings.partners_by_name { 0 } else { turn };
        let first_try = u32::from(settings.retries_follow_first_try);
        let tries = |retries: u32| retries.saturating_add(first_try);
        let (remote_tries, local_tries) = (
            tries(config.max_retries_for_remote_site_shadow.unwrap_or(RETRIES.0)),
            tries(config.max_retries_for_local_site_shadow.unwrap_or(RETRIES.1)),
        );
        let in_turn = |servers: Vec<ServerIdx>, asked: bool, tries: u32| {
            let tries = if asked { tries as usize } else { 0 };
            round_robin(&servers, turn.checked_rem(servers.len()).unwrap_or(0))
                .take(tries)
                .collect::<Vec<_>>()
        };
        let mut partners: VecDeque<ServerIdx> = in_turn(remote, ask_remote, remote_tries).into();
        partners.extend(in_turn(local, ask_local, local_tries));
        if self.is(Mutant::LocalBeforeRemote) {
            partners.make_contiguous().reverse();
        }
        partners
    }
}
