//! From drafts to a document that always resolves.
//!
//! Files are exported from a directory that has its own mistakes, and often only some of the files are there. So nothing
//! here fails: what cannot be represented is left out, and the report says where and why. The only objects made up are
//! those that a reference proves to exist: the site of a server, a routing group that no cmdlet shows.

mod connectors;
mod homes;
mod joined;
mod servers;
mod sites;
mod stores;

use indexmap::IndexMap;
use joined::{Found, Joined};

use super::draft::{Dag, Draft, Drafts, Object, Ref, RoutingGroup, Server, Site};
use super::place::Place;
use super::report::{ImportReport, Ledger};
use crate::diagnostic::Source;
use crate::load::document::{Document, TOPOLOGY_FORMAT};
use crate::load::{At, document};
use crate::model::Name;

/// What references are resolved against.
struct Known {
    sites: Joined<Site>,
    servers: Joined<Server>,
    groups: Joined<RoutingGroup>,
    dags: Joined<Dag>,
    /// The DAG that a server is in, both by position.
    dag_of_server: IndexMap<usize, usize>,
    ledger: Ledger,
}

/// Makes one document out of everything the files say.
pub(super) fn settle(drafts: Drafts, sources: &[Source]) -> (Document, ImportReport) {
    let mut ledger = drafts.ledger;
    let groups = homes::without_exchange_2007(drafts.routing_groups, &mut ledger);
    let links = Joined::new(drafts.site_links, &mut ledger);
    let group_connectors = Joined::new(drafts.routing_group_connectors, &mut ledger);
    let connectors = Joined::new(drafts.connectors, &mut ledger);
    let domains = Joined::new(drafts.accepted_domains, &mut ledger);
    let subscriptions = Joined::new(drafts.edge_subscriptions, &mut ledger);
    let databases = Joined::new(drafts.databases, &mut ledger);
    let mut known = Known {
        sites: Joined::new(drafts.sites, &mut ledger),
        servers: Joined::new(drafts.servers, &mut ledger),
        groups: Joined::new(groups, &mut ledger),
        dags: Joined::new(drafts.dags, &mut ledger),
        dag_of_server: IndexMap::new(),
        ledger,
    };
    servers::leave_out_unknown_versions(&mut known);
    sites::add_missing(&mut known, &links, &subscriptions);
    homes::add_missing_groups(&mut known, &group_connectors, &connectors);
    homes::find_homes(&mut known, &group_connectors, &connectors);
    stores::members(&mut known);

    let mut document = Document {
        format: Some(TOPOLOGY_FORMAT.into()),
        organization: drafts.organization.map(At::from),
        bridge_all_site_links: drafts.bridge_all_site_links.filter(|bridged| !bridged).map(At::from),
        ..Document::default()
    };
    document.site_links = sites::links(links, &mut known);
    let mut names = connectors::Names::default();
    document.routing_group_connectors = connectors::between_groups(group_connectors, &mut names, &mut known);
    document.connectors = connectors::to_the_outside(
        connectors,
        &mut names,
        &mut document.routing_group_connectors,
        &mut known,
    );
    document.accepted_domains = stores::accepted_domains(domains, &mut known);
    document.edge_subscriptions =
        servers::edge_subscriptions(subscriptions, &document.connectors, names.any_connector, &mut known);
    document.databases = stores::databases(databases, drafts.database_copies, &mut known);
    document.dags = stores::dags(&mut known);
    document.routing_groups = homes::routing_groups(&mut known);
    document.servers = servers::servers(&mut known);
    document.sites = sites::sites(&mut known);
    (document, known.ledger.finish(sources))
}

/// One field of one object, while its references are resolved.
struct Field<'a> {
    subject: &'a str,
    place: Place,
    name: &'static str,
}

impl Known {
    /// Counts a kept object as part of the topology, once for every file it is in.
    fn modelled<T>(&mut self, object: &Object<T>) {
        for class in &object.classes {
            self.ledger.modelled(class);
        }
    }

    /// The names that `references` lead to, in name order and none twice; the others are told and dropped.
    fn names<T>(
        references: &[Ref],
        among: &Joined<T>,
        field: &Field<'_>,
        ledger: &mut Ledger,
    ) -> document::Leaves<String> {
        let mut names: Vec<String> = references
            .iter()
            .filter_map(|reference| Known::name(reference, among, field, ledger))
            .collect();
        names.sort_by_cached_key(|name| Name::fold(name));
        names.dedup();
        names.into_iter().map(At::from).collect()
    }

    /// The name that `reference` leads to; if to none, that is told.
    fn name<T>(reference: &Ref, among: &Joined<T>, field: &Field<'_>, ledger: &mut Ledger) -> Option<String> {
        let why = match among.find(reference) {
            Found::At(at) => return among.get(at).map(|object| object.name.clone()),
            Found::LeftOut => "which is left out",
            Found::Nothing => "which no file describes",
        };
        let text = format!("{}: \"{}\", {why}", field.name, reference.name);
        ledger.left_out(field.place, field.subject, text);
        None
    }

    /// The names of servers.
    fn server_names<T>(&mut self, references: &[Ref], of: &Object<T>, name: &'static str) -> document::Leaves<String> {
        let field = Field {
            subject: &of.subject(),
            place: of.place,
            name,
        };
        Known::names(references, &self.servers, &field, &mut self.ledger)
    }
}

/// An object that no file describes and that `reference` proves to exist.
fn made_up<T: Draft + Default>(reference: &Ref, place: Place) -> Object<T> {
    Object {
        name: reference.name.clone(),
        identity: reference.identity.clone(),
        classes: Vec::new(),
        place,
        says: T::default(),
    }
}
