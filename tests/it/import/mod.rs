//! Importers: what administrators have goes in, a document that resolves comes out, and the report tells the rest.

mod exchange;
mod hostile;
mod ldif;
mod silence;
mod whole;

use bridgehead::diagnostic::{Problem, Source};
use bridgehead::load::document::Document;
use bridgehead::load::import::{self, ImportReport};
use bridgehead::load::{At, resolve};
use bridgehead::model::{ConnectorKind, LinkTransport, NameOrder, Role, SiteIdx, SizeLimit, Version};

/// The fixture called `name`, decoded as the input layer does: byte-order marks decide.
fn fixture(name: &str) -> Source {
    let path = format!("{}/tests/fixtures/import/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (text, _, _) = encoding_rs::UTF_8.decode(&bytes);
    Source::new(name, text)
}

type Import = Result<(Document, ImportReport), Vec<Problem>>;

fn ldif(text: &str) -> (Document, ImportReport) {
    good(import::ldif(&[Source::new("test.ldif", text)]))
}

fn exchange(texts: &[&str]) -> (Document, ImportReport) {
    let sources: Vec<Source> = (1..)
        .zip(texts)
        .map(|(n, text)| Source::new(format!("{n}"), *text))
        .collect();
    good(import::exchange(&sources))
}

/// What was imported; it always resolves.
fn good(imported: Import) -> (Document, ImportReport) {
    let (document, report) = imported.unwrap_or_else(|problems| panic!("{problems:#?}"));
    if let Err(problems) = resolve(&document, NameOrder::default()) {
        panic!("an imported document resolves: {problems:#?}");
    }
    (document, report)
}

/// The only problem of `text`, as `line:column: message`.
fn problem(import: fn(&[Source]) -> Import, text: &str) -> String {
    let source = Source::new("test", text);
    let problems = import(std::slice::from_ref(&source))
        .map(|_| ())
        .expect_err("a problem");
    assert_eq!(problems.len(), 1, "{problems:?}");
    let at = source.position(problems[0].span.start);
    format!("{}:{}: {}", at.line, at.column, problems[0].message)
}

fn names<'a>(leaves: impl IntoIterator<Item = &'a At<String>>) -> Vec<&'a str> {
    leaves.into_iter().map(|leaf| leaf.value.as_str()).collect()
}

fn name(leaf: &Option<At<String>>) -> &str {
    leaf.as_ref().map_or("", |leaf| &leaf.value)
}

/// What was left out, as `line: subject: text`.
fn left_out(report: &ImportReport) -> Vec<String> {
    let note = |note: &import::Note| format!("{}: {}: {}", note.line, note.subject, note.text);
    report.left_out.iter().map(note).collect()
}

/// A site below contoso.example.
fn site(name: &str) -> String {
    format!("dn: CN={name},CN=Sites,CN=Configuration,DC=contoso,DC=example\nobjectClass: site\n\n")
}

/// The IP link `L` with `lines` and the sites A and B.
fn link(lines: &str) -> String {
    let sites = "CN=Sites,CN=Configuration,DC=contoso,DC=example";
    let head = format!("dn: CN=L,CN=IP,CN=Inter-Site Transports,{sites}\nobjectClass: top\nobjectClass: siteLink\n");
    let members = format!("siteList: CN=A,{sites}\nsiteList: CN=B,{sites}\n");
    format!("{}{}{head}{members}{lines}\n", site("A"), site("B"))
}

const RG: &str = "CN=Routing Groups,CN=AG,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=example";
const SERVERS: &str = "CN=Servers,CN=AG,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=example";

/// The 2003 groups G1 and G2 with one server each, B1 and B2.
fn groups() -> String {
    let group = |n| format!("dn: CN=G{n},{RG}\nobjectClass: msExchRoutingGroup\n\n");
    let server = |n| {
        format!(
            "dn: CN=B{n},{SERVERS}\nobjectClass: msExchExchangeServer\nserialNumber: Version 6.5 (Build 7638.2)\n\
             msExchHomeRoutingGroup: CN=G{n},{RG}\n\n"
        )
    };
    format!("{}{}{}{}", group(1), group(2), server(1), server(2))
}

/// One object of `kind` with `properties`, as Export-Clixml writes it.
fn clixml(kind: &str, properties: &str) -> String {
    format!(
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"><Obj RefId=\"0\">\
         <TN RefId=\"0\"><T>Microsoft.Exchange.Data.Directory.SystemConfiguration.{kind}</T></TN>\
         <Props>{properties}</Props></Obj></Objs>"
    )
}
