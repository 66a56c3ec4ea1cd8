//! The JSON Schema of each document and input file.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::document::{BASELINE_FORMAT, Baseline, Document, SCENARIO_FORMAT, ScenarioDocument, TOPOLOGY_FORMAT};

/// Makes a schema.
pub type MakeSchema = fn() -> Value;

/// Every schema by the name that `schema NAME` takes, in the order in which they are listed.
pub const SCHEMAS: &[(&str, MakeSchema)] = &[("topology", topology), ("baseline", baseline), ("scenario", scenario)];

/// The schema of that name.
pub fn schema(name: &str) -> Option<Value> {
    let (_, make) = SCHEMAS.iter().find(|(known, _)| *known == name)?;
    Some(make())
}

/// Fields that a record needs. Every leaf of a [`Document`] may be missing while it is read, so that the resolver can
/// tell of all missing ones at once; the types therefore do not know.
const REQUIRED: &[(&str, &[&str])] = &[
    ("SiteEntry", &["name"]),
    ("SiteLinkEntry", &["name"]),
    ("ServerEntry", &["name", "version"]),
    ("RoutingGroupEntry", &["name"]),
    ("RoutingGroupConnectorEntry", &["name", "from", "to"]),
    ("ConnectorEntry", &["name", "kind"]),
    ("AcceptedDomainEntry", &["domain", "kind"]),
    ("EdgeSubscriptionEntry", &["edge", "site"]),
    ("DagEntry", &["name"]),
    ("DatabaseEntry", &["name"]),
    ("DatabaseCopyEntry", &["server"]),
    ("MailboxEntry", &["address"]),
    ("GroupEntry", &["address"]),
    ("ReceiveConnectorEntry", &["name", "server"]),
    ("ClusterEntry", &["name", "kind"]),
    ("LintIgnoreEntry", &["code", "reason"]),
    ("ScenarioDocument", &["topology"]),
    ("PeerEntry", &["name"]),
    ("DelayEntry", &["from", "to", "delay"]),
    ("MessageEntry", &["id", "at", "from", "to"]),
    ("EventEntry", &["at", "kind", "target"]),
    ("ExpectationEntry", &["message"]),
];

/// The schema of a topology file.
fn topology() -> Value {
    input::<Document>("topology", TOPOLOGY_FORMAT)
}

/// The schema of a baseline.
fn baseline() -> Value {
    input::<Baseline>("baseline", BASELINE_FORMAT)
}

/// The schema of a scenario file.
fn scenario() -> Value {
    let mut schema = input::<ScenarioDocument>("scenario", SCENARIO_FORMAT);
    schema["$defs"]["Document"]["properties"]["format"] = format_property(TOPOLOGY_FORMAT);
    schema
}

fn format_property(format: &str) -> Value {
    json!({
        "description": "What this file is; comes first when it is given.",
        "const": format,
    })
}

fn input<T: JsonSchema>(name: &str, format: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    let root = schema.as_object_mut().expect("the schema of a struct is an object");
    root.insert("$id".to_owned(), json!(format!("urn:bridgehead:{name}/1")));
    root.insert("title".to_owned(), json!(format!("Bridgehead {name}")));
    require(&T::schema_name(), root);
    root["properties"]["format"] = format_property(format);
    let records = root["$defs"].as_object_mut().expect("the records are defined");
    for (name, record) in records.iter_mut() {
        require(
            name,
            record.as_object_mut().expect("the schema of a struct is an object"),
        );
    }
    schema
}

fn require(name: &str, record: &mut Map<String, Value>) {
    record.remove("required");
    if let Some((_, fields)) = REQUIRED.iter().find(|(record, _)| *record == name) {
        record.insert("required".to_owned(), json!(fields));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Problem, Source};
    use crate::load::document::*;
    use crate::load::{Format, Limits, resolve, scenario, to_json};
    use crate::model::NameOrder;

    #[test]
    fn required_fields_are_those_that_the_resolver_misses() {
        let document = Document {
            sites: vec![SiteEntry::default()],
            site_links: vec![SiteLinkEntry::default()],
            servers: vec![ServerEntry::default()],
            routing_groups: vec![RoutingGroupEntry::default()],
            routing_group_connectors: vec![RoutingGroupConnectorEntry::default()],
            connectors: vec![ConnectorEntry::default()],
            accepted_domains: vec![AcceptedDomainEntry::default()],
            edge_subscriptions: vec![EdgeSubscriptionEntry::default()],
            dags: vec![DagEntry::default()],
            databases: vec![DatabaseEntry {
                copies: vec![DatabaseCopyEntry::default()],
                ..DatabaseEntry::default()
            }],
            mailboxes: vec![MailboxEntry::default()],
            groups: vec![GroupEntry::default()],
            receive_connectors: vec![ReceiveConnectorEntry::default()],
            clusters: vec![ClusterEntry::default()],
            lint_ignores: vec![LintIgnoreEntry::default()],
            ..Document::default()
        };
        let problems = resolve(&document, NameOrder::default()).expect_err("empty records");
        let mut missing: Vec<_> = missing_fields(&problems)
            .iter()
            .filter_map(|path| path.rsplit_once('.'))
            .map(|(record, field)| format!("{record}: `{field}`"))
            .collect();
        missing.sort_unstable();

        let schema = schema("topology").expect("there is one");
        let mut required = Vec::new();
        let properties = schema["properties"].as_object().expect("an object");
        let record = |name: &str, reference: &Value, required: &mut Vec<String>| {
            let record = reference.as_str().and_then(|text| text.strip_prefix("#/$defs/"));
            let fields = &schema["$defs"][record.expect("a reference")]["required"];
            for field in fields.as_array().into_iter().flatten() {
                required.push(format!("{name}: `{}`", field.as_str().expect("a name")));
            }
        };
        for (name, property) in properties {
            if let Some(reference) = property["items"].get("$ref") {
                record(&format!("{name}[0]"), reference, &mut required);
            }
        }
        let copy = &schema["$defs"]["DatabaseEntry"]["properties"]["copies"]["items"]["$ref"];
        record("databases[0].copies[0]", copy, &mut required);
        required.sort_unstable();
        assert_eq!(missing, required);
        assert_eq!(schema["$id"], "urn:bridgehead:topology/1");
    }

    /// The path of every required field that is told to be missing.
    fn missing_fields(problems: &[Problem]) -> Vec<String> {
        let missing = problems
            .iter()
            .filter(|problem| problem.message.starts_with("missing required field "));
        missing.map(|problem| problem.path.clone()).collect()
    }

    #[test]
    fn required_fields_of_scenarios_are_those_that_the_resolver_misses() {
        let source = Source::new(
            "s",
            "(peers: [()], delays: [()], messages: [()], events: [()], expect: [()])",
        );
        let open = |_: &str| unreachable!("it names no topology");
        let read = scenario(&source, Format::Ron, &Limits::default(), NameOrder::default(), open);
        let mut missing = missing_fields(&read.expect_err("empty records")[0].problems);
        // What an event of no kind happens to is not asked.
        missing.push("events[0].target".to_owned());
        missing.sort_unstable();
        let schema = schema("scenario").expect("there is one");
        let demanded = |path: &str, record: &Value| -> Vec<String> {
            let fields = record["required"].as_array().into_iter().flatten();
            fields
                .map(|field| format!("{path}{}", field.as_str().expect("a name")))
                .collect()
        };
        let mut required = demanded("", &schema);
        for (name, property) in schema["properties"].as_object().expect("an object") {
            let reference = property["items"]["$ref"].as_str();
            if let Some(record) = reference.and_then(|text| text.strip_prefix("#/$defs/")) {
                required.extend(demanded(&format!("{name}[0]."), &schema["$defs"][record]));
            }
        }
        required.sort_unstable();
        assert_eq!(missing, required);
        assert_eq!(schema["$id"], "urn:bridgehead:scenario/1");
    }

    #[test]
    fn scenarios_fit_their_schema() {
        let schema = jsonschema::validator_for(&schema("scenario").expect("there is one")).expect("a valid schema");
        let with = |field: &str, value: Value| schema.is_valid(&json!({ "topology": "t.ron", field: value }));
        assert!(schema.is_valid(&json!({ "format": "bridgehead.scenario/1", "topology": "t.ron" })));
        assert!(
            schema.is_valid(&json!({ "topology": { "format": "bridgehead.topology/1", "sites": [{ "name": "A" }] } }))
        );
        assert!(!schema.is_valid(&json!({})), "no topology");
        assert!(!schema.is_valid(&json!({ "topology": ["t.ron"] })));
        assert!(!schema.is_valid(&json!({ "topology": { "format": "bridgehead.scenario/1" } })));
        assert!(!schema.is_valid(&json!({ "topology": { "sites": [{}] } })));
        assert!(!with("format", json!("bridgehead.topology/1")));
        assert!(with("settings", json!({ "start": "sun 23:59", "until": "90001ms" })));
        assert!(!with("settings", json!({ "start": "Sun 24:00" })));
        assert!(!with("settings", json!({ "until": "90001 m" })));
        let event = |event: Value| with("events", json!([event]));
        assert!(event(
            json!({ "at": "1ms", "kind": "Configuration", "target": "L", "exchange_cost": null })
        ));
        assert!(!event(
            json!({ "at": "1ms", "kind": "Configuration", "target": "L", "exchange_cost": 0 })
        ));
        assert!(!event(json!({ "at": "1ms", "kind": "ServerDwon", "target": "S" })));
        assert!(!event(json!({ "at": "1ms", "kind": "ServerDown" })));
        assert!(event(
            json!({ "at": "1ms", "kind": "GroupChange", "target": "g@b", "add": ["a@b"] })
        ));
        let expect = |fate: &str| with("expect", json!([{ "message": "m", "fate": fate }]));
        assert!(expect("delivered_outside"));
        assert!(!expect("Delivered"));
    }

    #[test]
    fn what_is_written_fits_the_schema() {
        let schema = jsonschema::validator_for(&schema("topology").expect("there is one")).expect("a valid schema");
        let valid = |document: &Document| {
            let written = serde_json::from_str(&to_json(document)).expect("written JSON is read");
            schema.is_valid(&written)
        };
        let site = |name: Option<&str>| SiteEntry {
            name: name.map(Into::into),
            ..SiteEntry::default()
        };
        let with = |sites| Document {
            sites,
            ..Document::default()
        };
        assert!(valid(&with(vec![site(Some("A"))])));
        assert!(!valid(&with(vec![site(None)])), "a site without a name");
        assert!(!schema.is_valid(&json!({ "sties": [] })), "an unknown field");
        assert!(!schema.is_valid(&json!({ "format": "bridgehead.topology/2" })));
        assert_eq!(super::schema("toplogy"), None);
    }
}
