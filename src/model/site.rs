//! Active Directory sites and the links between them.

use smallvec::SmallVec;

use super::{Name, ServerIdx, SiteIdx, SizeLimit};
use crate::diagnostic::Span;

/// An Active Directory site (RT-2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub name: Name,
    /// Set-AdSite -HubSiteEnabled.
    pub hub_site: bool,
    /// Set-AdSite -InboundMailEnabled; without it the 2013+ servers there are no transport servers.
    pub inbound_mail: bool,
    /// Place in the file.
    pub span: Span,
}

/// Which replication transport a site link is for. Exchange looks at IP links only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkTransport {
    /// Routed over.
    #[default]
    Ip,
    /// Read, without effect.
    Smtp,
}

/// A site link: every two of its sites are adjacent at its cost, one hop (RT-2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteLink {
    /// Its name.
    pub name: Name,
    /// Its sites, ascending, none twice.
    pub sites: SmallVec<[SiteIdx; 4]>,
    /// Active Directory's cost, 1..=99999.
    pub cost: u32,
    /// Exchange's cost, 1..=2147483647, which takes the place of `cost` when it is there.
    pub exchange_cost: Option<u32>,
    /// Larger messages get an NDR, from 2007 SP1 on (RT-2.11).
    pub max_message_size: SizeLimit,
    /// Only [`LinkTransport::Ip`] counts.
    pub transport: LinkTransport,
    /// Place in the file.
    pub span: Span,
}

impl SiteLink {
    /// `exchange_cost` if set, otherwise `cost` (RT-2.1).
    pub fn effective_cost(&self) -> u32 {
        self.exchange_cost.unwrap_or(self.cost)
    }

    /// Whether it joins anything for Exchange (D6).
    pub fn is_routed(&self) -> bool {
        self.transport == LinkTransport::Ip && self.sites.len() >= 2
    }
}

/// What follows from the servers of a site; derived by [`super::Organization::new`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SiteServers {
    /// Transport servers, ascending.
    pub(super) transport: SmallVec<[ServerIdx; 4]>,
    /// The newest of them, the lowest name among several (D3).
    pub(super) representative: Option<ServerIdx>,
}
