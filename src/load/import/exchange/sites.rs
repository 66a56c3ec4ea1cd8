//! Get-AdSite, Get-AdSiteLink, and their relatives of the ActiveDirectory module and .NET.

use super::fields::Fields;
use crate::load::import::draft::{Drafts, Site, SiteLink};
use crate::model::LinkTransport;

/// Get-AdSite
pub(super) fn site(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let ledger = &mut drafts.ledger;
    let says = Site {
        hub_site: fields.boolean("HubSiteEnabled", ledger),
        inbound_mail: fields.boolean("InboundMailEnabled", ledger),
    };
    drafts.sites.push(fields.head.object(says));
}

/// Get-AdSiteLink: `Cost` is the Exchange cost if there is one, otherwise Active Directory's. Get-ADReplicationSiteLink and
/// .NET know only the latter.
pub(super) fn site_link(fields: &mut Fields<'_>, drafts: &mut Drafts) {
    let ledger = &mut drafts.ledger;
    let default = "the default of 100 holds";
    let of_exchange = fields.attributes.has("ADCost");
    let cost = fields.cost(if of_exchange { "ADCost" } else { "Cost" }, 99_999, default, ledger);
    if of_exchange {
        fields.attributes.ignore(&["Cost"]);
    }
    let exchange_cost = fields.cost(
        "ExchangeCost",
        i32::MAX.unsigned_abs(),
        "the cost of Active Directory holds",
        ledger,
    );
    let max_message_size = fields.size(ledger);
    let mut sites = Vec::new();
    for name in ["Sites", "SitesIncluded", "siteList"] {
        let listed = fields.references(name, ledger);
        if sites.is_empty() {
            sites = listed;
        }
    }
    let says = SiteLink {
        sites,
        cost,
        exchange_cost,
        max_message_size,
        transport: Some(transport(fields)),
    };
    drafts.site_links.push(fields.head.object(says));
}

/// Get-AdSiteLink shows IP links only; the others say the transport or stand below it.
fn transport(fields: &mut Fields<'_>) -> LinkTransport {
    let container = fields.dn.as_ref().and_then(|dn| dn.above(1)).map(str::to_owned);
    let said = fields.text("InterSiteTransportProtocol");
    let said = said.or_else(|| fields.text("TransportType"));
    match said.or(container) {
        Some(name) if name.eq_ignore_ascii_case("SMTP") => LinkTransport::Smtp,
        _ => LinkTransport::Ip,
    }
}
