//! The worked examples, as the files of `topologies/` hold them.

use serde_json::{Value, json};

use super::{fix_text, lines, list, setting, text, verified};
use crate::support::topology;

fn found(file: &str, most: usize) -> Value {
    verified(&topology(file), setting(most))
}

/// Loops, each with what ends it.
fn with_fixes(document: &Value) -> Vec<String> {
    let witnesses = list(&document["witnesses"]).iter();
    let fixes = witnesses.map(|witness| fix_text(&witness["fix"]));
    let lines = lines(document).into_iter().zip(fixes);
    lines.map(|(line, fix)| format!("{line}: {fix}")).collect()
}

#[test]
fn every_example_loops_as_its_document_says_and_not_otherwise() {
    for (file, most, expected) in [
        ("lw1-state-that-is-seen/topology.ron", 3, &[][..]),
        ("lw3-leaf-group/leaf.ron", 3, &[]),
        (
            "lw3-leaf-group/second-way.ron",
            1,
            &["rg:Spoke [Hub to Spoke] X > rg:Hub must: suppress_state_changes BH-Hub 1"],
        ),
        ("lw6-islands/three-groups.ron", 3, &[]),
        ("lw6-islands/two-islands.ron", 3, &[]),
        ("lw6-islands/joined-again.ron", 3, &[]),
        ("lw10-second-connector/first-connector.ron", 3, &[]),
        ("lw10-second-connector/second-connector.ron", 2, &[]),
        ("lw11-documented-cities/cities.ron", 0, &[]),
        (
            "lw11-documented-cities/cities.ron",
            2,
            &["rg:London [CHI to LON] X > rg:Chicago must: suppress_state_changes BH-CHI 1"],
        ),
        ("lw11-documented-cities/leaf.ron", 3, &[]),
        ("lw11-documented-cities/suppressed.ron", 3, &[]),
        ("lw11-documented-cities/dear-ways-in.ron", 1, &[]),
        (
            "lw11-documented-cities/dear-ways-in.ron",
            2,
            &["rg:London [CHI to HKG, CHI to LON] X > rg:Chicago must: suppress_state_changes BH-CHI 1"],
        ),
        (
            "lw11b-tie-between-sites/topology.ron",
            1,
            &[
                "rg:London [CHI to LON] Chicago > rg:Chicago must: suppress_state_changes BH-CHI 1",
                "rg:London [HKG to LON] Hong Kong > rg:Hong Kong must: suppress_state_changes BH-HKG 1",
            ],
        ),
        (
            "lw12-size-limit/rtm.ron",
            0,
            &[
                "rg:R [] X > rg:V must: lift_size_limit V to R unlimited",
                "rg:W [] X > rg:V must: lift_size_limit V to R unlimited",
            ],
        ),
        // What the system writes: Service Pack 1 returns all else.
        (
            "lw12-size-limit/sp1.ron",
            0,
            &[
                "rg:R [] X > rg:V must: lift_size_limit V to R unlimited",
                "rg:W [] X > rg:V must: lift_size_limit V to R unlimited",
            ],
        ),
        ("lw12-size-limit/no-limit.ron", 0, &[]),
        (
            "lw13-x400/rtm.ron",
            0,
            &["rg:R [] X > rg:V must: set_cost V to E2007 100"],
        ),
        ("lw13-x400/sp1.ron", 0, &[]),
        (
            "lw14-disabled-connector/disabled.ron",
            0,
            &["SMTP:partner.example [] X > rg:V must: delete_connector Off -"],
        ),
        ("lw14-disabled-connector/deleted.ron", 2, &[]),
        (
            "lw15-dead-smart-host/seen.ron",
            2,
            &["SMTP:* [To W] X > rg:W must: suppress_state_changes BH-W 1"],
        ),
        ("lw15-dead-smart-host/suppressed.ron", 2, &[]),
        (
            "lw17-stale-group/stale.ron",
            1,
            &["rg:B [A to B] rg:A > rg:S must: appoint_master S BH-S"],
        ),
        ("lw17-stale-group/with-master.ron", 2, &[]),
        (
            "lw18-least-cost-only/on.ron",
            1,
            &["rg:B [A to B] rg:A > rg:X must: suppress_state_changes BH-A 1"],
        ),
        (
            "lw18-least-cost-only/off.ron",
            1,
            &["rg:B [A to B] rg:A > rg:X must: suppress_state_changes BH-A 1"],
        ),
        ("lw18-least-cost-only/exchange-2003.ron", 2, &[]),
        ("lw19-dear-backup/without.ron", 2, &[]),
        (
            "lw19-dear-backup/backup-to-2007.ron",
            1,
            &["rg:London [CHI to LON] X > rg:Chicago must: suppress_state_changes BH-CHI 1"],
        ),
        ("lw19-dear-backup/backup-between-legacy.ron", 2, &[]),
    ] {
        assert_eq!(with_fixes(&found(file, most)), expected, "{file} with {most} failures");
    }
}

#[test]
fn a_witness_says_who_hands_what_to_whom_and_why() {
    let found = found("lw11-documented-cities/cities.ron", 1);
    let suppress = json!({
        "kind": "suppress_state_changes", "target": "BH-CHI", "value": "1",
        "command": r"reg add \\BH-CHI\HKLM\System\CurrentControlSet\Services\RESvc\Parameters /v SuppressStateChanges /t REG_DWORD /d 1",
    });
    assert_eq!(
        found["witnesses"],
        json!([{
            "recipient": { "routing_group": "London" },
            "message_class": { "size": null, "sender": "other", "priority": "Normal", "type": "NonSystem" },
            "failed": ["CHI to LON"],
            "entry": { "site": "X" },
            "cycle": [{ "site": "X" }, { "routing_group": "Chicago" }],
            "certainty": "must",
            "steps": [
                {
                    "at": { "site": "X" }, "connector": "E2007 to CHI", "to": { "routing_group": "Chicago" }, "cost": 1,
                    "why": "plans E2007 to CHI and CHI to LON at routing-group cost 11 (R53); the next best, E2007 to HKG and \
                            HKG to LON at cost 16, is dearer; does not know that CHI to LON (cost 10) failed (R35)",
                    "rejected": { "way": ["E2007 to HKG", "HKG to LON"], "cost": 16, "because": "dearer" },
                },
                {
                    "at": { "routing_group": "Chicago" }, "connector": "CHI to E2007", "to": { "site": "X" }, "cost": 1,
                    "why": "takes the cheapest way that it believes open, CHI to E2007, E2007 to HKG and HKG to LON at cost \
                            17 (R61); leaves out CHI to LON at cost 10, since it believes CHI to LON down (R34)",
                    "rejected": { "way": ["CHI to LON"], "cost": 10, "because": "believed_down" },
                },
            ],
            "life": {
                "headers_per_lap": { "min": 2, "max": 2 },
                "ends": [
                    {
                        "from": { "site": "X" }, "lap": { "min": 16, "max": 16 }, "server": "HUB1", "limit": 30,
                        "code": "5.4.6", "event": null, "documented": false,
                    },
                    {
                        "from": { "routing_group": "Chicago" }, "lap": { "min": 16, "max": 16 }, "server": "BH-CHI",
                        "limit": 30, "code": "4.4.6", "event": 717, "documented": true,
                    },
                ],
            },
            "fix": [suppress.clone()],
        }])
    );
    assert_eq!(found["repair"]["edits"], json!([suppress]));
    assert_eq!(
        (&found["repair"]["weight"], &found["verdict"], &found["complete"]),
        (&json!(1), &json!("loops"), &json!(true))
    );
}

/// What the steps of the first loop went by.
fn reasons(file: &str, most: usize) -> Vec<String> {
    let found = found(file, most);
    let steps = list(&found["witnesses"][0]["steps"]).iter();
    let told = steps.map(|step| format!("{}: {}", text(&step["connector"]), text(&step["why"])));
    told.collect()
}

#[test]
fn of_equal_ways_the_one_is_told_that_the_step_takes() {
    let expected = [
        "F to V: takes the cheapest way that it believes open, F to V, A V to E2007 and E2007 to K at cost 3 (R61); leaves out F \
         to K at cost 1, since it believes F to K down (R34)",
        "B V to F: takes the cheapest way that it believes open, B V to F and F to K at cost 2 (R61); A V to E2007 and E2007 to \
         K at cost 2 would be as good (Q8); does not act on the failure of F to K (cost 1) (LS-1.6)",
    ];
    assert_eq!(reasons("lw17-stale-group/tie.ron", 1), expected);
}

#[test] // LS-3.5
fn every_connector_that_refuses_the_message_is_told_those_to_the_outside_too() {
    let expected = [
        "E2007 to V: plans E2007 to V, V to U and Out U at routing-group cost 2 (R53); the next best, Out W at cost 200, is dearer; \
         does not see that V to U (cost 1) and Out U would refuse the message (R45-R47, R63)",
        "V to E2007: takes the cheapest way that it believes open, V to E2007, E2007 to W and Out W at cost 201 (R61); leaves out \
         V to U and Out U at cost 2, since V to U and Out U would refuse the message (LS-2.1)",
    ];
    assert_eq!(reasons("ls-3-5-refused-twice/topology.ron", 0), expected);
}

#[test]
fn lw10_the_second_connector_makes_both_directions_direct() {
    let first = topology("lw10-second-connector/first-connector.ron");
    let path = first.from("rg:Hong Kong").to("site:Hong Kong").answer().path();
    assert_eq!(path, "rg:Hong Kong > rg:Chicago > Chicago > Hong Kong");
    let second = topology("lw10-second-connector/second-connector.ron");
    for (from, to, path) in [
        ("rg:Hong Kong", "site:Hong Kong", "rg:Hong Kong > Hong Kong"),
        ("site:Hong Kong", "rg:Hong Kong", "Hong Kong > rg:Hong Kong"),
    ] {
        assert_eq!(second.from(from).to(to).answer().path(), path);
    }
}

#[test]
fn lw1_mail_goes_the_other_way_while_the_first_is_down() {
    let case = topology("lw1-state-that-is-seen/topology.ron");
    let ask = || case.from("rg:Seattle").to("rg:Brussels");
    let up = ask().answer();
    assert_eq!(
        (up.path().as_str(), up.cost()),
        ("rg:Seattle > rg:London > rg:Brussels", (20, 0))
    );
    let down = ask().down("connector:SEA to LON").answer();
    assert_eq!(
        (down.path().as_str(), down.cost()),
        ("rg:Seattle > rg:Tokyo > rg:Brussels", (60, 0))
    );
}
