//! Sites and site links.

use super::Directory;
use super::place::{Place, Problems, value_or};
use crate::load::document::Document;
use crate::model::{Site, SiteLink};

/// The sites in the order of the file.
pub(super) fn sites(document: &Document, directory: &Directory) -> Vec<Option<Site>> {
    let site = |(position, entry): (usize, &crate::load::document::SiteEntry)| {
        Some(Site {
            name: directory.sites.of_record(position),
            hub_site: value_or(&entry.hub_site, false),
            inbound_mail: value_or(&entry.inbound_mail, true),
            span: entry.span,
        })
    };
    document.sites.iter().enumerate().map(site).collect()
}

/// The site links in the order of the file. One without sites, or with one, is read and joins nothing (D6).
pub(super) fn site_links(document: &Document, directory: &Directory, problems: &mut Problems) -> Vec<Option<SiteLink>> {
    let list = Place::top("site_links");
    let links = document.site_links.iter().enumerate().map(|(position, entry)| {
        let record = list.item(position, entry.span);
        let cost = problems.number(&entry.cost, &record, "cost");
        let exchange_cost = problems.number(&entry.exchange_cost, &record, "exchange_cost");
        Some(SiteLink {
            name: directory.site_links.of_record(position),
            sites: directory.sites.list(&entry.sites, &record, "sites", problems).into(),
            cost: cost.unwrap_or(100),
            exchange_cost,
            max_message_size: value_or(&entry.max_message_size, Default::default()),
            transport: value_or(&entry.transport, Default::default()),
            span: entry.span,
        })
    });
    links.collect()
}
