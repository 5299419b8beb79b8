//! t
use trailwright_evaluator::*;
fn main() {
    let t = std::time::Instant::now();
    let d = ServiceData::embedded();
    eprintln!("load {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let d2 = ServiceData::embedded();
    eprintln!("load {:?} {}", t.elapsed(), d2.unreadable().len());
    let t = std::time::Instant::now();
    let mut n = 0;
    for l in std::io::stdin().lines() {
        let l = l.unwrap();
        let v: serde_json::Value = serde_json::from_str(&l).unwrap();
        let doc = v["document"].to_string();
        let Ok(p) = Policy::compile(PolicyId::named("x"), &doc) else {
            continue;
        };
        n += 1;
        for f in lint(&p, &d) {
            println!(
                "{}\t{}\t{}",
                f.code.as_str(),
                v["name"].as_str().or(v["page"].as_str()).unwrap_or(""),
                f.message
            );
        }
    }
    eprintln!("{n} linted in {:?}", t.elapsed());
}
