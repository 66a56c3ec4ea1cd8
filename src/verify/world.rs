//! What all scenes of an organization share.

use smallvec::SmallVec;

use super::Router;
use crate::linkstate::{self, Beliefs};
use crate::model::{Generation, GroupRef, Name, Node, Organization, RoutingGroupConnectorIdx, ServerIdx, SiteIdx};
use crate::route::{Graphs, LegacyNetwork, Options, Sender};

/// An organization with what is computed once for it.
pub struct World<'a> {
    /// The organization.
    pub org: &'a Organization,
    /// Its graphs.
    pub graphs: &'a Graphs,
    /// Open decisions of routing.
    pub options: Options,
    /// Open decisions of link state.
    pub link_state: linkstate::Options,
    /// Who acts on which failures.
    pub beliefs: Beliefs,
    /// Connectors as legacy servers search them.
    pub network: LegacyNetwork,
}

impl<'a> World<'a> {
    /// O(connectors × bridgeheads).
    pub fn new(
        org: &'a Organization,
        graphs: &'a Graphs,
        options: Options,
        link_state: linkstate::Options,
    ) -> World<'a> {
        World {
            org,
            graphs,
            options,
            link_state,
            beliefs: Beliefs::new(org, &graphs.combined, link_state),
            network: LegacyNetwork::new(org, &graphs.combined),
        }
    }

    /// The names of connectors by position in [`crate::linkstate::Believable::all`], such as those of [`Witness::failed`](super::Witness::failed): ascending
    /// positions are name order. O(1) for each.
    pub fn connector_names(&self, positions: &[u32]) -> impl Iterator<Item = &'a Name> {
        let connectors = positions.iter().map(|at| self.beliefs.believable().connector(*at));
        connectors.map(|connector| self.org.connector_name(connector))
    }

    /// The generations of transport servers in a site, oldest first; of a plain site graph, the one it is taken to have.
    pub(super) fn generations(&self, site: SiteIdx) -> SmallVec<[Generation; 4]> {
        let servers = self.org.transport_servers(site);
        if servers.is_empty() {
            return self.org.site_generation(site).into_iter().collect();
        }
        self.generations_of(servers.iter().copied())
    }

    fn generations_of(&self, servers: impl Iterator<Item = ServerIdx>) -> SmallVec<[Generation; 4]> {
        let mut found: SmallVec<[Generation; 4]> = servers
            .map(|server| self.org.servers()[server].version.generation())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Generations of the usable source servers of a connector in a site.
    pub(super) fn source_generations(
        &self,
        connector: RoutingGroupConnectorIdx,
        site: SiteIdx,
    ) -> SmallVec<[Generation; 4]> {
        let sources = self.graphs.combined.sources(connector).iter().copied();
        let here = |server: &ServerIdx| self.org.transport_site(*server) == Some(site);
        self.generations_of(sources.filter(here))
    }

    /// The routers that a connector may hand mail to: each usable target server is tried (LS-2.1, V4).
    pub(super) fn far_end(&self, connector: RoutingGroupConnectorIdx) -> impl Iterator<Item = Router> {
        let mut routers: SmallVec<[Router; 4]> = SmallVec::new();
        if let Some(connector) = self.graphs.combined.connector(connector) {
            match connector.to {
                GroupRef::Legacy(group) => routers.push(Router::Group(group)),
                GroupRef::Exchange2007 => routers.extend(connector.targets.iter().filter_map(|server| {
                    let site = self.org.transport_site(*server)?;
                    Some(Router::Site(site, self.org.servers()[*server].version.generation()))
                })),
            }
        }
        routers.sort_unstable();
        routers.dedup();
        routers.into_iter()
    }

    /// The servers of one generation in a site, as their newest, the lowest name among several (D3).
    pub(super) fn sender(&self, site: SiteIdx, generation: Generation) -> Sender {
        let servers = self.org.transport_servers(site).iter().copied();
        let of_generation = servers.filter(|server| self.org.servers()[*server].version.generation() == generation);
        Sender {
            node: Node::Site(site),
            server: of_generation
                .min_by_key(|server| (std::cmp::Reverse(self.org.servers()[*server].version), *server)),
            generation,
        }
    }

    /// Routers at least one of which every circle passes (see [`super`]), ascending.
    pub(super) fn anchors(&self) -> Vec<Router> {
        let mut anchors = Vec::new();
        for (index, _) in self.org.routing_group_connectors().iter_enumerated() {
            let Some(connector) = self.graphs.combined.connector(index) else {
                continue;
            };
            match (connector.from, connector.to) {
                (_, GroupRef::Exchange2007) => anchors.extend(self.far_end(index)),
                (GroupRef::Legacy(from), GroupRef::Legacy(to)) => {
                    // Two groups that act on nothing share their view too.
                    if self.beliefs.audience(from) != self.beliefs.audience(to) {
                        anchors.push(Router::Group(to));
                    }
                }
                (GroupRef::Exchange2007, GroupRef::Legacy(_)) => {}
            }
        }
        let sites = || self.org.sites().iter_enumerated().map(|(site, _)| site);
        let all = || sites().flat_map(|site| self.generations(site).into_iter().map(move |g| Router::Site(site, g)));
        let is_rtm = |router: Router| matches!(router, Router::Site(_, Generation::Exchange2007Rtm));
        if !self.org.routing_groups().is_empty() && all().any(is_rtm) && !all().all(is_rtm) {
            anchors.extend(all());
        }
        anchors.sort_unstable();
        anchors.dedup();
        anchors
    }
}
