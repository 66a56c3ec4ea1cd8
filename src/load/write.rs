//! A document or a baseline as text.

use std::borrow::Cow;

use ron::extensions::Extensions;
use ron::ser::PrettyConfig;

use serde::Serialize;

use super::Format;
use super::document::{BASELINE_FORMAT, Baseline, Document, LintIgnoreEntry, TOPOLOGY_FORMAT};
use crate::model::LintIgnore;

/// The document as RON, laid out as people write it: a collection a block, a record a line.
///
/// Fields that are left out stay out, but the format is always told. ron's printer decides by depth, not by width: a
/// record stays on one line however long it is, and nothing is wrapped.
pub fn to_ron(document: &Document) -> String {
    ron(with_format(document).as_ref())
}

/// A baseline with these entries in their order, in either notation; the same entries give the same bytes.
pub fn baseline_text(entries: &[LintIgnore], format: Format) -> String {
    let leaf = |text: &Option<String>| text.clone().map(Into::into);
    let entries = entries.iter().map(|entry| LintIgnoreEntry {
        code: Some(entry.code.clone().into()),
        subject: leaf(&entry.subject),
        reason: leaf(&entry.reason),
        until: leaf(&entry.until),
        ..LintIgnoreEntry::default()
    });
    let baseline = Baseline {
        format: Some(BASELINE_FORMAT.into()),
        lint_ignores: entries.collect(),
        ..Baseline::default()
    };
    match format {
        Format::Ron => ron(&baseline),
        Format::Json => json(&baseline),
    }
}

fn ron<T: Serialize>(value: &T) -> String {
    let layout = PrettyConfig::new()
        // 1: the collections, 2: the records; what is deeper stays on the line of its record.
        .depth_limit(2)
        .new_line("\n");
    let mut text = ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .to_string_pretty(value, layout)
        .expect("plain data is always written");
    text.push('\n');
    text
}

/// The document as JSON, a field a line. Fields that are left out stay out, but the format is always told.
pub fn to_json(document: &Document) -> String {
    json(with_format(document).as_ref())
}

fn json<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data is always written");
    text.push('\n');
    text
}

/// The document with its format. Who makes large ones sets it, and spares the copy.
fn with_format(document: &Document) -> Cow<'_, Document> {
    if document.format.is_some() {
        return Cow::Borrowed(document);
    }
    Cow::Owned(Document {
        format: Some(TOPOLOGY_FORMAT.into()),
        ..document.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::document::{ConnectorEntry, RestrictionsEntry, ScheduleText, SiteEntry, TransportConfigEntry};
    use crate::model::ConnectorKind;

    fn document(name: &str) -> Document {
        Document {
            organization: Some(name.into()),
            sites: vec![
                SiteEntry {
                    name: Some("Chicago".into()),
                    hub_site: Some(true.into()),
                    ..SiteEntry::default()
                },
                SiteEntry {
                    name: Some("Hong Kong".into()),
                    ..SiteEntry::default()
                },
            ],
            connectors: vec![ConnectorEntry {
                name: Some("Internet".into()),
                kind: Some(ConnectorKind::LegacySmtp.into()),
                address_spaces: vec!["SMTP:*;1".into()],
                restrictions: Some(RestrictionsEntry {
                    schedule: Some(ScheduleText::Windows(vec!["Mon 08:00-18:00".into()]).into()),
                    ..RestrictionsEntry::default()
                }),
                ..ConnectorEntry::default()
            }],
            transport_config: Some(TransportConfigEntry {
                shadow_redundancy_enabled: Some(false.into()),
                ..TransportConfigEntry::default()
            }),
            ..Document::default()
        }
    }

    #[test]
    fn ron_looks_as_people_write_it() {
        insta::assert_snapshot!(to_ron(&document("Contoso")), @r#"
        (
            format: "bridgehead.topology/1",
            organization: "Contoso",
            sites: [
                (name: "Chicago", hub_site: true),
                (name: "Hong Kong"),
            ],
            connectors: [
                (name: "Internet", kind: LegacySmtp, address_spaces: ["SMTP:*;1"], restrictions: (schedule: ["Mon 08:00-18:00"])),
            ],
            transport_config: (
                shadow_redundancy_enabled: false,
            ),
        )
        "#);
    }

    #[test]
    fn json_leaves_out_what_is_left_out() {
        let text = to_json(&Document {
            sites: document("").sites,
            ..Document::default()
        });
        insta::assert_snapshot!(text, @r#"
        {
          "format": "bridgehead.topology/1",
          "sites": [
            {
              "name": "Chicago",
              "hub_site": true
            },
            {
              "name": "Hong Kong"
            }
          ]
        }
        "#);
    }

    #[test]
    fn every_character_survives() {
        let name = "\"quo\\ted\" \0\u{1}\u{7}\u{8}\t\r\n\u{1b}[31m\u{7f}\u{85}\u{301}\u{feff}\u{202e}\u{2028}\u{10ffff} 香港 🦀";
        #[derive(serde::Deserialize)]
        struct Named {
            organization: String,
        }
        let document = document(name);
        let from_ron: Named = ron::from_str(&to_ron(&document)).expect("written RON is read");
        let from_json: Named = serde_json::from_str(&to_json(&document)).expect("written JSON is read");
        assert_eq!(from_ron.organization, name);
        assert_eq!(from_json.organization, name);
        assert!(
            !to_ron(&document).contains('\u{1b}'),
            "control characters are shown escaped"
        );
    }
}
