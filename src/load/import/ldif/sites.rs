//! Sites, site links, replication transports, and the organization's name.

use super::directory::{Directory, Entry};
use crate::load::import::draft::{Drafts, Ref, Site, SiteLink};
use crate::model::LinkTransport;

/// `site`
pub(super) fn site(entry: &mut Entry<'_>, drafts: &mut Drafts) {
    if entry.text("msExchTransportSiteFlags", &mut drafts.ledger).is_some() {
        entry.head.assume(
            &mut drafts.ledger,
            "msExchTransportSiteFlags is not documented: no hub site, inbound mail enabled; \
             compare with Get-AdSite | Format-Table Name,HubSiteEnabled,InboundMailEnabled",
        );
    }
    drafts.sites.push(entry.head.object(Site::default()));
}

/// `siteLink`
pub(super) fn site_link(entry: &mut Entry<'_>, directory: &Directory, drafts: &mut Drafts) {
    let ledger = &mut drafts.ledger;
    let transport = match entry.dn.above(1) {
        Some(name) if name.eq_ignore_ascii_case("IP") => LinkTransport::Ip,
        Some(name) if name.eq_ignore_ascii_case("SMTP") => LinkTransport::Smtp,
        _ => {
            entry
                .head
                .left_out(ledger, "it is neither below CN=IP nor below CN=SMTP");
            return;
        }
    };
    let ad_cost = entry.cost("cost", 99_999, "the default of 100 holds", ledger);
    let exchange_cost = entry.cost(
        "msExchCost",
        i32::MAX.unsigned_abs(),
        "the cost of Active Directory holds",
        ledger,
    );
    let max_message_size = entry.size(ledger);
    let sites = entry.dns("siteList", directory, ledger).iter().map(Ref::at).collect();
    drafts.site_links.push(entry.head.object(SiteLink {
        sites,
        cost: ad_cost,
        exchange_cost,
        max_message_size,
        transport: Some(transport),
    }));
}

/// `interSiteTransport`: bit 0x2 of the options of `CN=IP` says that bridging needs bridge objects. `false` for the others.
pub(super) fn transport(entry: &mut Entry<'_>, drafts: &mut Drafts) -> bool {
    if !entry.dn.name().eq_ignore_ascii_case("IP") {
        return false;
    }
    let options = entry.integer("options", &mut drafts.ledger).unwrap_or(0);
    drafts.bridge_all_site_links.get_or_insert(options & 2 == 0);
    drafts.ledger.modelled(&entry.head.class);
    true
}

/// `msExchOrganizationContainer`
pub(super) fn organization(entry: &mut Entry<'_>, drafts: &mut Drafts) {
    drafts.organization.get_or_insert_with(|| entry.dn.name().to_owned());
    drafts.ledger.modelled(&entry.head.class);
}
