//! The rules that reports cite: what each says, and where it is written.

use crate::model::Generation;
use crate::route::{Clause, ConnectorClause, Exclusion, Relay};

/// A rule in one sentence, with its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// `R53`, `RT-2.2`.
    pub(super) id: &'static str,
    /// What it says.
    pub(super) text: &'static str,
    /// Who says so.
    pub(super) source: Source,
}

/// A public document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) title: &'static str,
    pub(super) url: &'static str,
}

const INTERNAL: Source = Source {
    title: "Internal Message Routing",
    url: "https://technet.microsoft.com/en-us/library/bb232193.aspx",
};
const EXTERNAL: Source = Source {
    title: "Routing to External Domains",
    url: "https://technet.microsoft.com/en-us/library/bb232045.aspx",
};
const COEXISTENCE: Source = Source {
    title: "Message Routing in a Coexistence Environment",
    url: "https://technet.microsoft.com/en-us/library/bb125223.aspx",
};
const SITES: Source = Source {
    title: "Route mail between Active Directory sites",
    url: "https://learn.microsoft.com/en-us/exchange/jj916681(v=exchg.150)",
};
const SELECTION: Source = Source {
    title: "Connector selection in external message routing",
    url: "https://learn.microsoft.com/en-us/exchange/mail-flow/mail-routing/connector-selection",
};
const MAIL_ROUTING: Source = Source {
    title: "Mail routing",
    url: "https://learn.microsoft.com/en-us/exchange/mail-flow/mail-routing/mail-routing",
};
const REROUTING: Source = Source {
    title: "Message Rerouting and the Unreachable Queue",
    url: "https://technet.microsoft.com/en-us/library/bb232161.aspx",
};
const PRACTICE: Source = Source {
    title: "Exchange routing considerations",
    url: "http://strongline.blogspot.com/2006/11/exchange-routing-considerations.html",
};
const EDGE_SUBSCRIPTIONS: Source = Source {
    title: "Edge Subscriptions",
    url: "https://learn.microsoft.com/en-us/exchange/architecture/edge-transport-servers/edge-subscriptions",
};

/// Why a path won.
pub(super) fn of_path(clause: Clause, legacy_sender: bool) -> Rule {
    match clause {
        Clause::Cost => Rule {
            id: "RT-2.2 step 1",
            text: "The path with the least sum of site link costs wins, however long it is.",
            source: INTERNAL,
        },
        Clause::Name if legacy_sender => Rule {
            id: "RT-2.8, D14",
            text: "Exchange 2000/2003 may spread mail over paths that cost the same; shown is the one whose connector names \
                   come first.",
            source: COEXISTENCE,
        },
        Clause::Hops if legacy_sender => Rule {
            id: "RT-2.8, D14",
            text: "Exchange 2000/2003 may spread mail over paths that cost the same; shown is the one over the fewest \
                   connectors.",
            source: COEXISTENCE,
        },
        Clause::RoutingGroupCost if legacy_sender => Rule {
            id: "R61",
            text: "Exchange 2000/2003 looks at the sum of connector costs and at nothing else; sites are invisible to it.",
            source: COEXISTENCE,
        },
        Clause::RoutingGroupCost => Rule {
            id: "R53",
            text: "Paths to a legacy routing group are compared by the sum of all connector costs. As long as that differs, \
                   site costs do not count.",
            source: COEXISTENCE,
        },
        Clause::SiteCost => Rule {
            id: "R54",
            text: "Among equal sums of connector costs, the cost of the sites up to the first connector decides.",
            source: COEXISTENCE,
        },
        Clause::Hops => Rule {
            id: "hops",
            text: "Among paths that cost the same, the shorter one wins.",
            source: INTERNAL,
        },
        Clause::Name => Rule {
            id: "name",
            text: "Names decide when nothing else does.",
            source: INTERNAL,
        },
    }
}

/// Why a path between sites won, where names and hops mean those of sites.
pub(super) fn of_site_path(clause: Clause) -> Rule {
    match clause {
        Clause::Hops => Rule {
            id: "RT-2.2 step 2",
            text: "Among paths that cost the same, the one over the fewest site links wins.",
            source: INTERNAL,
        },
        Clause::Name => Rule {
            id: "RT-2.2 step 3",
            text: "Among paths as cheap and as short, names decide: the sites before the destination are compared, then those \
                   before them, and the lower name wins.",
            source: INTERNAL,
        },
        other => of_path(other, false),
    }
}

/// Why a path from a site to a routing group won.
pub(super) fn of_group_path(clause: Clause) -> Rule {
    match clause {
        Clause::Hops => Rule {
            id: "RT-2.7, D13",
            text: "Among paths that cost the same, the first connector fewer site hops away wins, then fewer connectors. The \
                   documents leave this open: see `--legacy-tie`.",
            source: INTERNAL,
        },
        Clause::Name => Rule {
            id: "RT-2.7, D13",
            text: "Among paths that cost the same, connector names decide, the first connector first. The documents leave this \
                   open: see `--legacy-tie`.",
            source: INTERNAL,
        },
        other => of_path(other, false),
    }
}

/// Why a connector won. `legacy`: 2000/2003 connectors, or a sender of that age.
pub(super) fn of_connector(clause: ConnectorClause, legacy: bool) -> Rule {
    match clause {
        ConnectorClause::OnlyCandidate => Rule {
            id: "RT-2.6.2",
            text: "Only one connector is enabled, in scope, within reach, large enough and serves the address.",
            source: EXTERNAL,
        },
        ConnectorClause::AddressSpace => Rule {
            id: "R55",
            text: "The most specific address space wins, whatever it costs.",
            source: COEXISTENCE,
        },
        ConnectorClause::Version => Rule {
            id: "R60",
            text: "Where both serve the address equally well, a connector on 2007 or later beats one on 2000/2003, whatever \
                   it costs.",
            source: COEXISTENCE,
        },
        ConnectorClause::Cost if legacy => Rule {
            id: "R59",
            text: "The least cost of reaching the connector and of its address space wins.",
            source: COEXISTENCE,
        },
        ConnectorClause::Cost => Rule {
            id: "R56",
            text: "The least sum of the cost of reaching a source server and the cost of the address space wins.",
            source: COEXISTENCE,
        },
        ConnectorClause::Proximity => Rule {
            id: "R57",
            text: "At equal cost the nearer connector wins: on the sender itself, then in its site, then elsewhere.",
            source: COEXISTENCE,
        },
        ConnectorClause::Hops => Rule {
            id: "RT-2.6.3",
            text: "At equal cost the connector fewer hops away wins.",
            source: SELECTION,
        },
        ConnectorClause::Name if legacy => Rule {
            id: "R59",
            text: "When all else is equal, the connector whose name comes first wins.",
            source: COEXISTENCE,
        },
        ConnectorClause::Name => Rule {
            id: "R58",
            text: "When all else is equal, the connector whose name comes first wins.",
            source: COEXISTENCE,
        },
    }
}

/// The rule that keeps a connector out.
pub(super) fn id_of_exclusion(exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::Disabled => "R50",
        Exclusion::Scope => "R48",
        Exclusion::NoMatch => "RT-2.6.1",
        Exclusion::Size => "R49",
        Exclusion::NoSource | Exclusion::NoRoute => "RT-2.6.2",
        Exclusion::Restriction => "R45–R47",
        Exclusion::Down | Exclusion::CutOff => "D40",
    }
}

/// Why mail is handed to the next hop.
pub(super) fn of_relay(relay: Relay) -> Rule {
    match relay {
        Relay::RoutingGroup => Rule {
            id: "R10",
            text: "Between the versions, and between routing groups, mail crosses connectors one by one.",
            source: COEXISTENCE,
        },
        Relay::Direct => Rule {
            id: "RT-2.3, R5",
            text: "Mail is relayed straight to where it has to go; the sites between do not touch it.",
            source: INTERNAL,
        },
        Relay::ConnectorSource => Rule {
            id: "RT-2.7",
            text: "Mail is relayed straight to the site that holds a source server of the first connector.",
            source: INTERNAL,
        },
        Relay::HubSite => Rule {
            id: "RT-2.3",
            text: "Hub sites on the path are visited one by one. They are looked at when the path is chosen already, and never \
                   change it.",
            source: SITES,
        },
    }
}

/// Who takes mail when the next hop is silent.
pub(super) const BACKOFF: Rule = Rule {
    id: "RT-2.4, R6",
    text: "When the next hop does not answer, mail goes as near to it as it can along the same path, and waits there.",
    source: INTERNAL,
};

/// Which server of a site takes a connection.
pub(super) const ROUND_ROBIN: Rule = Rule {
    id: "RT-2.10",
    text: "Connections take the servers of the next hop in turn; one that does not answer is passed over for the next.",
    source: INTERNAL,
};

/// Which server of a site delivers to a mailbox.
pub(super) const OWN_VERSION: Rule = Rule {
    id: "RT-2.12",
    text: "Only a transport server of the mailbox's own version hands mail to it, so mail passes inside the site first.",
    source: INTERNAL,
};

/// Legacy servers and what is down.
pub(super) const LEGACY_REROUTES: Rule = Rule {
    id: "R34",
    text: "A 2000/2003 server that believes a connector down looks for another way around it.",
    source: COEXISTENCE,
};

/// Legacy servers and what refuses a message.
pub(super) const LEGACY_LEAVES_OUT: Rule = Rule {
    id: "R45–R47, LS-2.1",
    text: "A 2000/2003 server leaves out connectors that refuse the message, for its sender, priority, type, size or hour, \
           and takes the best of what is left.",
    source: COEXISTENCE,
};

/// Legacy servers without another way.
pub(super) const LEGACY_WAITS: Rule = Rule {
    id: "R34, D40",
    text: "A 2000/2003 server that believes a connector down looks for another way around it. Where none is left, mail waits \
           until one is back.",
    source: COEXISTENCE,
};

/// Legacy servers whose connectors to an address are down.
pub(super) const LEGACY_KEEPS_TO_SPACE: Rule = Rule {
    id: "D40",
    text: "A 2000/2003 server keeps to the most specific address space: while all connectors that have it are down or out of \
           reach, mail waits, and does not turn to a less specific one.",
    source: PRACTICE,
};

/// A connector that fits, and cannot be got to.
pub(super) const NO_WAY_TO_CONNECTOR: Rule = Rule {
    id: "LS-2.1, D29",
    text: "A 2000/2003 server first takes the most specific address space, and then looks for a way. Without one the message \
           waits in the Unreachable queue, whatever its type, and no less specific connector is taken.",
    source: PRACTICE,
};

/// 2007 and connectors that fail.
pub(super) const WAITS_FOR_CONNECTOR: Rule = Rule {
    id: "R35, R36",
    text: "If the connector fails, it waits here: 2007 and later always use the least-cost path and take no other connector.",
    source: COEXISTENCE,
};

/// Sites of 2007 RTM and of later versions.
pub(super) const VERSIONS_DISAGREE: Rule = Rule {
    id: "R72, R73",
    text: "2007 RTM does not see connectors between routing groups that are not SMTP, and 2007 SP1 and later do. Where both \
           are on the way, what one hands on the other may hand back.",
    source: COEXISTENCE,
};

/// A limit on a chosen path.
pub(super) const PATH_SIZE: Rule = Rule {
    id: "R68, R69, RT-2.11",
    text: "The path is chosen without looking at sizes. A message larger than any limit on it is returned; no other path is \
           tried.",
    source: COEXISTENCE,
};

/// Limits of connectors.
pub(super) const CONNECTOR_SIZE: Rule = Rule {
    id: "R49, RT-2.6.2",
    text: "Connectors that are too small are left out before the best one is chosen. When they were the only ones, the message \
           is returned.",
    source: EXTERNAL,
};

/// Nothing serves an address.
pub(super) const NO_CONNECTOR: Rule = Rule {
    id: "RT-2.6.2, RT-2.15",
    text: "An SMTP recipient whom no connector serves waits in the Unreachable queue until the configuration changes or the \
           message expires; a recipient of any other type is returned.",
    source: REROUTING,
};

/// No way to a recipient.
pub(super) const UNREACHABLE: Rule = Rule {
    id: "RT-2.15",
    text: "Without a route the message waits in the Unreachable queue of the sender, until the configuration changes or it \
           expires after two days.",
    source: REROUTING,
};

/// An address that nobody has.
pub(super) const UNKNOWN_RECIPIENT: Rule = Rule {
    id: "RT-2.6, D21",
    text: "For an authoritative domain, who is not in the directory does not exist.",
    source: EXTERNAL,
};

/// Edge servers as recipients.
pub(super) const EDGE: Rule = Rule {
    id: "RT-2.14",
    text: "An Edge server holds no mailboxes. Mail passes through it when a connector is selected whose source it is, by way of \
           the site that it is subscribed to.",
    source: EDGE_SUBSCRIPTIONS,
};

/// What happens on a node that is down.
pub(super) const SENDER_DOWN: Rule = Rule {
    id: "RT-2.4, D38",
    text: "What is down neither delivers nor hands anything on: mail stays in its queues until it is back.",
    source: INTERNAL,
};

/// The other sites of a delivery group.
pub(super) const OTHER_SITES: Rule = Rule {
    id: "RT-2.13",
    text: "From 2013 on the other sites of a delivery group are tried before the sites on the way, the closest first.",
    source: MAIL_ROUTING,
};

/// Why copies split where they do.
pub(super) fn of_fan_out(generation: Generation) -> Rule {
    match generation {
        Generation::Legacy => Rule {
            id: "R7",
            text: "2000/2003 splits a message as soon as its recipients are known: one copy for each destination.",
            source: COEXISTENCE,
        },
        Generation::Exchange2013 => Rule {
            id: "RT-2.5",
            text: "From 2013 on a message is split at once, except that recipients behind the same hub site share a copy up to \
                   it.",
            source: MAIL_ROUTING,
        },
        _ => Rule {
            id: "R7, RT-2.5",
            text: "Delayed fan-out: one copy travels to the last site that the paths have in common, or to the first hub site \
                   on the way, and is split there.",
            source: COEXISTENCE,
        },
    }
}
