//! `case.toml`, which people write.

use scelle::case_file::{CaseFile, CaseTemplate, check_text, list};
use scelle::format::case::{CaseJson, Scope, ScopeSource};
use scelle::format::digest::Nonce;

use super::script::Script;

pub fn case_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match CaseFile::parse(text) {
        Ok(case) => assert_writes(case),
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            let lines = text.matches('\n').count() + 1;
            assert!(problems.iter().all(|problem| problem.line.is_none_or(|line| (1..=lines).contains(&line))));
            let known = problems.iter().map(|problem| problem.line.unwrap_or(usize::MAX));
            assert!(known.is_sorted(), "not ascending by line");
            assert!(!list(&problems).is_empty());
        }
    }
}

/// What was accepted becomes a `case.json` that a reader accepts.
fn assert_writes(case: CaseFile) {
    let source = ScopeSource { device: None, name: b"s".into(), path: b"/s".into() };
    let scope = Scope { exclude: vec![], host: None, mounted_ok: None, one_file_system: false, sources: vec![source] };
    let json = case.into_case_json(Nonce([1; 32]), scope);
    let bytes = json.to_bytes().expect("an accepted case can be written");
    assert_eq!(CaseJson::from_bytes(&bytes).expect("and read"), json);
}

pub fn case_toml_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let empty = CaseTemplate::default().to_toml();
    let filled = CaseTemplate {
        case: Some("C-1".into()),
        exhibit: Some("E \"1\"".into()),
        operator: Some("A\\B".into()),
        authority: Some("Cơ quan".into()),
        state: Some("VN".into()),
    };
    let lines: String =
        filled.to_toml().lines().filter(|line| !line.starts_with('#')).map(|l| format!("{l}\n")).collect();
    let full =
        lines.replace("# offset_ms = 0", "").replace("reference = \"\"\n", "reference = \"radio\"\noffset_ms = -0x3\n");
    let odd = "notes = '''a\nb'''\ncase.id = \"1\"\nexhibit = { id = \"x\", seized_at = 2026-11-22T10:30:00+07:00 }\n\
               [operator]\nname = \"\\u0041\"\n[authority]\nname = 'n'\nstate = \"fr\"\nstat = 1\n";
    [empty, lines, full, odd.to_owned()].map(String::into_bytes).into()
}

/// What is known already, put into a template: it reads back as it was given, or is refused for a reason.
pub fn case_template(data: &[u8]) {
    let mut script = Script(data);
    let mut text = || String::from_utf8_lossy(script.bytes()).into_owned();
    let (case, exhibit, operator, authority) = (text(), text(), text(), text());
    let known = |text: &str| Some(text.to_owned());
    let template = CaseTemplate {
        case: known(&case),
        exhibit: known(&exhibit),
        operator: known(&operator),
        authority: known(&authority),
        state: known("FR"),
    };
    let sound = |text: &String| check_text(text).is_ok() && !text.trim().is_empty();
    let all_sound = [&case, &exhibit, &operator, &authority].into_iter().all(sound);
    match CaseFile::parse(&template.to_toml()) {
        Ok(read) => {
            let found = [&read.case.id, &read.exhibit.id, &read.operator.name, &read.authority.name];
            assert_eq!(found.map(|text| text.as_str()), [&case, &exhibit, &operator, &authority].map(String::as_str));
        }
        Err(problems) => assert!(!all_sound, "a sound text is refused: {}", list(&problems)),
    }
}

pub fn case_template_seeds(_: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let of = |texts: [&str; 4]| texts.iter().flat_map(|t| [&[t.len() as u8], t.as_bytes()].concat()).collect();
    vec![
        of(["C-1", "E-1", "A. Officer", "Unit"]),
        of(["\"\"\"", "'''", "\\u0041\n#", "]\n[case]"]),
        of(["", " ", "\u{7f}", "é"]),
    ]
}
