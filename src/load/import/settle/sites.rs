//! Sites and site links.

use super::{Field, Found, Joined, Known, made_up};
use crate::load::At;
use crate::load::document::{SiteEntry, SiteLinkEntry};
use crate::load::import::draft::{EdgeSubscription, Object, Ref, Site, SiteLink};
use crate::load::import::limits::is_too_long;
use crate::load::import::place::Place;
use crate::model::{LinkTransport, SizeLimit};

/// Adds the sites that servers and subscriptions are in and that no file describes. Where no file describes any site, those
/// that links join are added, too: somebody has exported the links alone.
pub(super) fn add_missing(known: &mut Known, links: &Joined<SiteLink>, subscriptions: &Joined<EdgeSubscription>) {
    let none_described = known.sites.is_empty();
    let mut wanted: Vec<(Ref, Place, String)> = Vec::new();
    for (_, server) in known.servers.iter() {
        let site = server.says.site.iter();
        wanted.extend(site.map(|site| (site.clone(), server.place, server.subject())));
    }
    for (_, subscription) in subscriptions.iter() {
        let site = subscription.says.site.iter();
        wanted.extend(site.map(|site| (site.clone(), subscription.place, subscription.subject())));
    }
    for (_, link) in links.iter().filter(|_| none_described) {
        let sites = link.says.sites.iter();
        wanted.extend(sites.map(|site| (site.clone(), link.place, link.subject())));
    }
    for (site, place, by) in wanted {
        if known.sites.find(&site) == Found::Nothing && !site.name.trim().is_empty() && !is_too_long(&site.name) {
            // Names are all that files of different origin have in common, and a topology knows sites by name.
            if known.sites.take_for_namesake(&site) {
                let text = "a site of the same name is meant, though its distinguished name differs";
                known.ledger.assume(by, text);
                continue;
            }
            known.sites.push(made_up(&site, place));
            let text = format!("no file describes it; {by} refers to it");
            known.ledger.added(place, format!("site \"{}\"", site.name), text);
        }
    }
}

/// The site links.
pub(super) fn links(links: Joined<SiteLink>, known: &mut Known) -> Vec<SiteLinkEntry> {
    links.sorted().iter().map(|link| site_link(link, known)).collect()
}

fn site_link(link: &Object<SiteLink>, known: &mut Known) -> SiteLinkEntry {
    known.modelled(link);
    let field = Field {
        subject: &link.subject(),
        place: link.place,
        name: "sites",
    };
    let says = &link.says;
    SiteLinkEntry {
        name: Some(link.name.as_str().into()),
        sites: Known::names(&says.sites, &known.sites, &field, &mut known.ledger),
        cost: says.cost.map(At::from),
        exchange_cost: says.exchange_cost.map(At::from),
        max_message_size: limit(says.max_message_size),
        transport: says
            .transport
            .filter(|transport| *transport == LinkTransport::Smtp)
            .map(At::from),
        ..SiteLinkEntry::default()
    }
}

/// A limit, left out when there is none.
pub(super) fn limit(size: Option<SizeLimit>) -> Option<At<SizeLimit>> {
    size.filter(|size| *size != SizeLimit::Unlimited).map(At::from)
}

/// The sites.
pub(super) fn sites(known: &mut Known) -> Vec<SiteEntry> {
    let sites = known.sites.sorted();
    sites.iter().map(|site| self::site(site, known)).collect()
}

fn site(site: &Object<Site>, known: &mut Known) -> SiteEntry {
    known.modelled(site);
    SiteEntry {
        name: Some(site.name.as_str().into()),
        hub_site: site.says.hub_site.filter(|hub| *hub).map(At::from),
        inbound_mail: site.says.inbound_mail.filter(|inbound| !inbound).map(At::from),
        ..SiteEntry::default()
    }
}
