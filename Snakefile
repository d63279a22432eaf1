# From raw exports to four reports. One rule per job; `snakemake --list` is the table of contents.
# snakemake --cores 2 --config plan=analysis_plan/pacer cut=synthetic exports=exports results=results [data_quality open closed final all]
# Only what leads to `closed` and `final` reads the allocation and the other sealed sources.
import sys
from pacer_analysis.provenance import stamp

study = stamp(config)
pacer = [sys.executable, "-m", "pacer_analysis"]
where = [str(study.plan), "--cut", study.cut, "--exports", str(study.exports), "--results", str(study.results.parent.parent)]
checked = ancient(study.path("plan_checked.json"))

localrules: data_quality_and_open, all

rule data_quality_and_open:
    # The default: what everybody may see.
    input: study.path("reports/data_quality.html", "reports/open.html")

rule all:
    # Every report this cut may have: `final` only where cut.yaml says kind: final.
    input:
        study.path("reports/data_quality.html", "reports/open.html", "restricted/closed.html"),
        study.path("restricted/final.html") if study.kind == "final" else []

rule check:
    # The plan: every name resolved before anything is read.
    input: study.stamps("code-check", "trial", "endpoints", "analyses", "dictionary")
    output: study.path("plan_checked.json")
    log: study.logs / "check.log"
    shell: "{pacer:q} check {where:q} --log {log:q}"

rule validate:
    # Open exports read and validated; sealed fields dropped at first contact.
    input: checked, study.stamps("code-validate", "trial", "dictionary", "exports", "mixed", "environment"), study.previous or []
    output: study.path("clean/queries.csv", "clean/rules.csv", "clean/inventory.csv", "clean/cut.json")
    log: study.logs / "validate.log"
    shell: "{pacer:q} validate {where:q} --log {log:q}"

rule derive:
    # Women, infants, visits, viral loads, retention and endpoints, without the arm.
    input: checked, study.path("clean/queries.csv"), study.stamps("code-derive", "trial", "endpoints", "environment")
    output: study.path("sets/participants.parquet", "sets/endpoints.parquet", "sets/facts.csv")
    log: study.logs / "derive.log"
    shell: "{pacer:q} derive {where:q} --log {log:q}"

rule estimate:
    # Pooled numbers.
    input: checked, study.path("sets/endpoints.parquet"), study.stamps("code-estimate", "trial", "endpoints", "analyses", "environment")
    output: study.path("open/estimates.csv", "open/curves.csv", "open/manifest.json")
    log: study.logs / "estimate.log"
    shell: "{pacer:q} estimate {where:q} --log {log:q}"

rule data_quality:
    # Report for data managers and sites.
    input: checked, study.path("clean/queries.csv", "clean/rules.csv", "open/manifest.json"), study.stamps("code-render", "trial", "amendments", "templates", "environment")
    output: study.path("reports/data_quality.html")
    log: study.logs / "data_quality.log"
    shell: "{pacer:q} render {where:q} --report data_quality --log {log:q}"

rule open:
    # Report for the open session: pooled only.
    input: checked, study.path("clean/queries.csv", "open/estimates.csv", "open/curves.csv", "open/manifest.json"), study.stamps("code-render", "trial", "endpoints", "analyses", "amendments", "templates", "environment")
    output: study.path("reports/open.html")
    log: study.logs / "open.log"
    shell: "{pacer:q} render {where:q} --report open --log {log:q}"

# Below this line the allocation is an input. Everything it makes lies in restricted/.

rule validate_sealed:
    # Allocation, blinding, club register and sealed fields: read, validated, locked away.
    input: checked, study.path("clean/queries.csv"), study.stamps("code-validate", "trial", "dictionary", "mixed", "sealed", "environment")
    output: study.path("restricted/sealed/inventory.csv", "restricted/queries_closed.csv", "restricted/rules_closed.csv")
    log: study.logs / "validate_sealed.log"
    shell: "{pacer:q} validate --sealed {where:q} --log {log:q}"

rule derive_sealed:
    # The same derivation with the sealed fields joined back in, and the services' attendance.
    input: checked, study.path("clean/queries.csv", "restricted/sealed/inventory.csv"), study.stamps("code-derive", "trial", "endpoints", "environment")
    output: study.path("restricted/sets/participants.parquet", "restricted/sets/endpoints.parquet", "restricted/sets/facts.csv")
    log: study.logs / "derive_sealed.log"
    shell: "{pacer:q} derive --sealed {where:q} --log {log:q}"

rule estimate_sealed:
    # By arm: A/B for the closed report, named for the final one.
    input: checked, study.path("restricted/sets/endpoints.parquet", "restricted/sealed/inventory.csv"), study.stamps("code-estimate", "trial", "endpoints", "analyses", "environment")
    output:
        study.path("restricted/closed/estimates.csv", "restricted/closed/curves.csv", "restricted/closed/manifest.json"),
        study.path("restricted/final/estimates.csv", "restricted/final/curves.csv", "restricted/final/manifest.json") if study.kind == "final" else []
    log: study.logs / "estimate_sealed.log"
    shell: "{pacer:q} estimate --sealed {where:q} --log {log:q}"

rule closed:
    # Report for DSMB members: arms A and B.
    input: checked, study.path("restricted/queries_closed.csv", "restricted/closed/estimates.csv", "restricted/closed/curves.csv", "restricted/closed/manifest.json"), study.stamps("code-render", "trial", "endpoints", "analyses", "amendments", "templates", "environment")
    output: study.path("restricted/closed.html")
    log: study.logs / "closed.log"
    shell: "{pacer:q} render {where:q} --report closed --log {log:q}"

rule final:
    # Report for the trial team and the journal: arms by name; refused unless cut.yaml says kind: final.
    input: checked, study.path("restricted/queries_closed.csv", "restricted/final/estimates.csv", "restricted/final/curves.csv", "restricted/final/manifest.json") if study.kind == "final" else [], study.stamps("code-render", "trial", "endpoints", "analyses", "amendments", "templates", "environment")
    output: study.path("restricted/final.html")
    log: study.logs / "final.log"
    shell: "{pacer:q} render {where:q} --report final --log {log:q}"
