//! Changes that legacy groups do not know yet; each is held against the file of before on its rule's page.

use super::Rule;
use crate::lint::edited;
use crate::lint::pages::{before, example};

pub(super) fn rules() -> Vec<Rule> {
    vec![skew_window(), not_yet_known()]
}

fn page(code: &str) -> &'static str {
    bridgehead::lint::rule_info(code).expect("a rule").page
}

/// LW16: "V to R" becomes cheap.
fn skew_window() -> Rule {
    let old = before(page("RG020")).expect("a file of before");
    let v_to_r = |cost: &str| {
        let new = format!("to: \"R\", cost: {cost})");
        edited(
            old,
            &[(
                "(name: \"V to R\", from: \"V\", to: \"R\", cost: 10)",
                &format!("(name: \"V to R\", from: \"V\", {new}"),
            )],
        )
    };
    let dear = |text: &str| edited(text, &[("to: \"R\", cost: 5)", "to: \"R\", cost: 9)")]);
    Rule::new("RG020")
        .fires("it costs 4", v_to_r("4"), &["rg:V"])
        .fixed(v_to_r("6"))
        .fires("the other way becomes dear as well", dear(&v_to_r("7")), &["rg:V"])
        .fixed(old)
        .silent("V goes by it before the 2007 group does", v_to_r("6"))
        .silent("nothing changes", old)
        .silent("it becomes dearer", v_to_r("90"))
}

fn not_yet_known() -> Rule {
    let old = before(page("RT036")).expect("a file of before");
    let gone = "        (name: \"B to C\", from: \"B\", to: \"C\", cost: 2),\n        (name: \"C to B\", from: \"C\", to: \"B\", cost: 2),\n";
    Rule::new("RT036")
        .fires("a way is gone", edited(old, &[(gone, "")]), &["organization:"])
        .fixed(old)
        .silent("a site link changes", example(page("RT036"), "Right"))
        .silent("a cost that changes no way", edited(old, &[("cost: 2)", "cost: 3)")]))
        .silent("nothing changes", old)
}
