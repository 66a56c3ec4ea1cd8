//! Which Transport service a mailbox server hands an item to (RT-2.13): one of the delivery group of the recipients' databases,
//! nearest site first.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::super::kernel::Kernel;
use crate::delivery::round_robin;
use crate::model::{
    DagIdx, DatabaseHome, FailureSet, Generation, Home, MailboxHome, MailboxIdx, Message, MessageIdx, ServerIdx,
    SiteIdx,
};
use crate::route::View;

/// Only so many recipients are looked at.
const RECIPIENTS: usize = 20;

/// The Transport services that deliver to some databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Group {
    Dag(DagIdx),
    /// Servers of a site that are in no DAG.
    Site(SiteIdx),
}

/// The servers of a group, site by site.
type BySite = Rc<[(SiteIdx, Vec<ServerIdx>)]>;

/// Groups as they are seen from a site in the configuration: nearest site first. Never iterated.
#[derive(Debug, Default)]
pub(in crate::sim) struct Nearest {
    known: FxHashMap<(SiteIdx, Group), BySite>,
}

impl Nearest {
    /// Forgets everything: the configuration has changed.
    pub(in crate::sim) fn clear(&mut self) {
        self.known.clear();
    }
}

impl Kernel<'_> {
    /// The servers that may take an item from a mailbox server, in the order in which they are tried: the delivery group of
    /// the only mailbox, or of several the nearest of their groups; without one the mailbox server's own. A hand-over is number
    /// `turn`. O(recipients that are looked at) when the groups were asked for before.
    pub(in crate::sim) fn submission_servers_2013(
        &mut self,
        server: ServerIdx,
        message: MessageIdx,
        turn: usize,
    ) -> Vec<ServerIdx> {
        let entry = &self.stage.org.servers()[server];
        let Home::Site(site) = entry.home else {
            return Vec::new();
        };
        let own = entry.dag.map_or(Group::Site(site), Group::Dag);
        let to = &self.stage.scenario.messages[message].to;
        let mailboxes = to
            .iter()
            .take(RECIPIENTS)
            .filter_map(|address| self.org().mailbox(address));
        let mut groups: Vec<Group> = mailboxes.filter_map(|mailbox| self.group_of(mailbox)).collect();
        groups.dedup();
        let groups: Vec<BySite> = groups
            .into_iter()
            .map(|group| self.by_distance(site, group))
            .filter(|servers| !servers.is_empty())
            .collect();
        let nearest = match groups.as_slice() {
            [only] => Some(Rc::clone(only)),
            several => {
                let sites = several.iter().map(|servers| servers[0].0);
                let nearest = self.closest(site, sites.collect());
                several.iter().find(|servers| Some(servers[0].0) == nearest).cloned()
            }
        };
        let group = nearest.unwrap_or_else(|| self.by_distance(site, own));
        // Servers of one site take turns.
        let in_turn = |servers: &Vec<ServerIdx>| -> Vec<ServerIdx> {
            let first = turn.checked_rem(servers.len()).unwrap_or(0);
            round_robin(servers, first).collect()
        };
        group.iter().flat_map(|(_, servers)| in_turn(servers)).collect()
    }

    /// The group that delivers to a mailbox; `None`: its server is older.
    fn group_of(&self, mailbox: MailboxIdx) -> Option<Group> {
        let org = &self.stage.org;
        let server = match org.mailboxes()[mailbox].home {
            MailboxHome::Server(server) => server,
            MailboxHome::Database(database) => match org.databases()[database].home {
                DatabaseHome::Server(server) => server,
                DatabaseHome::Dag(dag) => return Some(Group::Dag(dag)),
            },
        };
        let server = &org.servers()[server];
        match (server.version.generation(), server.dag, server.home) {
            (Generation::Exchange2013, Some(dag), _) => Some(Group::Dag(dag)),
            (Generation::Exchange2013, None, Home::Site(site)) => Some(Group::Site(site)),
            _ => None,
        }
    }

    fn by_distance(&mut self, from: SiteIdx, group: Group) -> BySite {
        let key = (from, group);
        if let Some(known) = self.nearest.known.get(&key) {
            return Rc::clone(known);
        }
        let org = &self.stage.org;
        let servers: Vec<ServerIdx> = match group {
            Group::Dag(dag) => org.dags()[dag].servers.clone(),
            Group::Site(site) => {
                let all = org.transport_servers(site).iter().copied();
                all.filter(|server| org.servers()[*server].dag.is_none()).collect()
            }
        };
        let servers: Vec<ServerIdx> = servers
            .into_iter()
            .filter(|server| self.is_transport_2013(*server))
            .collect();
        let mut left: Vec<SiteIdx> = servers
            .iter()
            .filter_map(|server| org.transport_site(*server))
            .collect();
        left.sort_unstable();
        left.dedup();
        let mut found = Vec::new();
        while let Some(nearest) = self.closest(from, left.clone()) {
            left.retain(|site| *site != nearest);
            let here = servers.iter().copied();
            let here = here.filter(|server| org.transport_site(*server) == Some(nearest));
            found.push((nearest, here.collect()));
        }
        let found: BySite = found.into();
        self.nearest.known.insert(key, Rc::clone(&found));
        found
    }

    /// The closest of some sites that can be reached (D10).
    fn closest(&self, from: SiteIdx, sites: Vec<SiteIdx>) -> Option<SiteIdx> {
        if let [only] = sites[..]
            && only == from
        {
            return Some(from);
        }
        let (message, down) = (Message::default(), FailureSet::default());
        let configuration = self.configuration();
        let view = View::new(
            &configuration.org,
            &configuration.graphs,
            self.stage.options,
            &message,
            &down,
        );
        view.closest_site(from, sites)
    }
}
