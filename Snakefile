# From raw exports to four reports. One rule per job; `snakemake --list` is the table of contents.
#   snakemake --cores 2 --config plan=analysis_plan/pacer cut=synthetic exports=exports results=results -- [data_quality open closed final all]
# Stamps are small files whose time changes only when the content they stand for did: code of a floor, plan, dictionary, exports, templates.
# Only what leads to `closed` and `final` reads the allocation and the other sealed sources.
import sys
from pacer_analysis.provenance import stamp

study = stamp(config)
path, stamps = study.path, study.stamps
pacer = [sys.executable, "-m", "pacer_analysis"]
where = [str(study.plan), "--cut", study.cut, "--exports", str(study.exports), "--results", str(study.results.parent.parent)]
page = path("checked/analyses.json") + stamps("code-render", "trial", "endpoints", "analyses", "amendments", "templates", "environment")

localrules: data_quality_and_open, all

rule data_quality_and_open:
    # The default: what everybody may see.
    input: path("reports/data_quality.html", "reports/open.html")

rule all:
    # Every report this cut may have: `final` only where cut.yaml says kind: final.
    input:
        path("reports/data_quality.html", "reports/open.html", "restricted/closed.html"),
        path("restricted/final.html") if study.kind == "final" else []

# Each check resolves every name of the plan; they differ in what makes them run again, and in what waits for them.

rule check:
    # The plan, before anything is read.
    input: stamps("code-check", "trial", "dictionary")
    output: path("checked/plan.json")
    log: study.logs / "check.log"
    priority: 10
    shell: "{pacer:q} check {where:q} --gate plan --log {log:q}"

rule check_endpoints:
    # The plan again, before anything is derived.
    input: path("checked/plan.json"), stamps("endpoints")
    output: path("checked/endpoints.json")
    log: study.logs / "check_endpoints.log"
    priority: 10
    shell: "{pacer:q} check {where:q} --gate endpoints --log {log:q}"

rule check_analyses:
    # The plan again, before anything is computed.
    input: path("checked/plan.json"), stamps("endpoints", "analyses")
    output: path("checked/analyses.json")
    log: study.logs / "check_analyses.log"
    priority: 10
    shell: "{pacer:q} check {where:q} --gate analyses --log {log:q}"

rule validate:
    # Open exports read and validated; sealed fields dropped at first contact.
    input: path("checked/plan.json"), stamps("code-validate", "trial", "dictionary", "exports", "mixed", "environment"), study.previous or []
    output: path("clean/queries.csv", "clean/rules.csv", "clean/inventory.csv", "clean/cut.json")
    log: study.logs / "validate.log"
    shell: "{pacer:q} validate {where:q} --log {log:q}"

rule derive:
    # Participants, infants, visits, viral loads, retention and endpoints, without the arm.
    input: path("checked/endpoints.json", "clean/queries.csv"), stamps("code-derive", "trial", "endpoints", "environment")
    output: path("sets/participants.parquet", "sets/endpoints.parquet", "sets/facts.csv")
    log: study.logs / "derive.log"
    shell: "{pacer:q} derive {where:q} --log {log:q}"

rule estimate:
    # Pooled numbers.
    input: path("checked/analyses.json", "sets/endpoints.parquet"), stamps("code-estimate", "trial", "endpoints", "analyses", "environment")
    output: path("open/estimates.csv", "open/curves.csv", "open/manifest.json")
    log: study.logs / "estimate.log"
    shell: "{pacer:q} estimate {where:q} --log {log:q}"

rule data_quality:
    # Report for data managers and sites.
    input: page, path("clean/queries.csv", "clean/rules.csv", "open/manifest.json")
    output: path("reports/data_quality.html")
    log: study.logs / "data_quality.log"
    shell: "{pacer:q} render {where:q} --report data_quality --log {log:q}"

rule open:
    # Report for the open session: pooled only.
    input: page, path("clean/queries.csv", "open/estimates.csv", "open/curves.csv", "open/manifest.json")
    output: path("reports/open.html")
    log: study.logs / "open.log"
    shell: "{pacer:q} render {where:q} --report open --log {log:q}"

# Below this line the allocation is an input. Everything it makes lies in restricted/.

rule validate_sealed:
    # Allocation, blinding, club register and sealed fields: read, validated, locked away.
    input: path("clean/queries.csv"), stamps("code-validate", "trial", "dictionary", "mixed", "sealed", "environment")
    output: path("restricted/sealed/inventory.csv", "restricted/queries_closed.csv", "restricted/rules_closed.csv")
    log: study.logs / "validate_sealed.log"
    shell: "{pacer:q} validate --sealed {where:q} --log {log:q}"

rule derive_sealed:
    # The same derivation with the sealed fields joined back in, and the services' attendance.
    input: path("checked/endpoints.json", "clean/queries.csv", "restricted/sealed/inventory.csv"), stamps("code-derive", "trial", "endpoints", "environment")
    output: path("restricted/sets/participants.parquet", "restricted/sets/endpoints.parquet", "restricted/sets/facts.csv")
    log: study.logs / "derive_sealed.log"
    shell: "{pacer:q} derive --sealed {where:q} --log {log:q}"

rule estimate_sealed:
    # By arm: A and B for the closed report, named for the final one.
    input: path("checked/analyses.json", "restricted/sets/endpoints.parquet", "restricted/sealed/inventory.csv"), stamps("code-estimate", "trial", "endpoints", "analyses", "environment")
    output:
        path("restricted/closed/estimates.csv", "restricted/closed/curves.csv", "restricted/closed/manifest.json"),
        path("restricted/final/estimates.csv", "restricted/final/curves.csv", "restricted/final/manifest.json") if study.kind == "final" else []
    log: study.logs / "estimate_sealed.log"
    shell: "{pacer:q} estimate --sealed {where:q} --log {log:q}"

rule closed:
    # Report for DSMB members: arms A and B.
    input: page, path("restricted/queries_closed.csv", "restricted/closed/estimates.csv", "restricted/closed/curves.csv", "restricted/closed/manifest.json")
    output: path("restricted/closed.html")
    log: study.logs / "closed.log"
    shell: "{pacer:q} render {where:q} --report closed --log {log:q}"

rule final:
    # Report for the trial team and the journal: arms by name; refused unless cut.yaml says kind: final.
    input: page, path("restricted/queries_closed.csv", "restricted/final/estimates.csv", "restricted/final/curves.csv", "restricted/final/manifest.json") if study.kind == "final" else []
    output: path("restricted/final.html")
    log: study.logs / "final.log"
    shell: "{pacer:q} render {where:q} --report final --log {log:q}"
