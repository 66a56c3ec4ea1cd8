//! Ignores that do nothing, or no longer.

use super::{Rule, drawn};

pub(super) fn rules() -> Vec<Rule> {
    let clean = |ignores: &str| format!("(sites: [(name: \"A\")], lint_ignores: [{ignores}])");
    let used = |ignore: &str| {
        let collection = format!("(lint_ignores: [{ignore}], sites:");
        drawn("E-A 1, E-B 1, A-B 1", &[("(sites:", &collection)])
    };
    let unused = r#"(code: "RG003", reason: "r")"#;
    let until = |day: &str| format!(r#"(code: "RG003", reason: "r", until: "{day}")"#);
    vec![
        Rule::new("LN001")
            .fires("nothing is there", clean(unused), &["ignore:RG003"])
            .fixed(clean(""))
            .fires(
                "no such rule",
                clean(r#"(code: "no-rmg", reason: "r")"#),
                &["ignore:no-rmg"],
            )
            .fixed(clean(""))
            .silent("used", used(unused))
            .silent("none", clean("")),
        Rule::new("LN002")
            .fires("its day is over", used(&until("2010-06-29")), &["ignore:RG003"])
            .fixed(used(&until("2010-12-31")))
            .silent("its last day", used(&until("2010-06-30")))
            .silent("no day", used(unused)),
    ]
}
