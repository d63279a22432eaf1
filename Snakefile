# From raw exports to four reports. One rule per job; `snakemake --list` is the table of contents.
#   snakemake --cores 2 --config plan=analysis_plan/pacer cut=synthetic exports=exports results=results -- [data_quality open closed final all]
# What a job needs (code of its floor, plan, dictionary, exports, templates as stamps; the receipts of the jobs before it) is one
# table: pacer_analysis/provenance/jobs.py. Only what leads to `closed` and `final` reads the allocation and the other sealed sources.
import sys
from pacer_analysis.provenance import stamp

study = stamp(config)
needs, receipt, path, log_of = study.needs, study.receipt, study.path, study.log
pacer = [sys.executable, "-m", "pacer_analysis"]
where = [str(study.plan), "--cut", study.cut, "--exports", str(study.exports), "--results", str(study.root)]

localrules: data_quality_and_open, all

rule data_quality_and_open:
    # The default: what everybody may see.
    input: receipt("data_quality"), receipt("open")

rule all:
    # Every report this cut may have: `final` only where cut.yaml says kind: final.
    input: receipt("data_quality"), receipt("open"), receipt("closed"), [receipt("final")] if study.kind == "final" else []

rule check:
    # The plan: every name resolved before anything is read.
    input: needs("check")
    output: receipt("check")
    log: log_of("check")
    priority: 10
    shell: "{pacer:q} check {where:q} --gate check --log {log:q}"

rule check_endpoints:
    # The plan again, before anything is derived.
    input: needs("check_endpoints")
    output: receipt("check_endpoints")
    log: log_of("check_endpoints")
    priority: 10
    shell: "{pacer:q} check {where:q} --gate check_endpoints --log {log:q}"

rule check_analyses:
    # The plan again, before anything is computed.
    input: needs("check_analyses")
    output: receipt("check_analyses")
    log: log_of("check_analyses")
    priority: 10
    shell: "{pacer:q} check {where:q} --gate check_analyses --log {log:q}"

rule validate:
    # Open exports read and validated into clean/; sealed fields dropped at first contact.
    input: needs("validate")
    output: receipt("validate")
    log: log_of("validate")
    shell: "{pacer:q} validate {where:q} --log {log:q}"

rule derive:
    # Participants, infants, visits, viral loads, retention and endpoints into sets/, without the arm.
    input: needs("derive")
    output: receipt("derive")
    log: log_of("derive")
    shell: "{pacer:q} derive {where:q} --log {log:q}"

rule estimate:
    # Pooled numbers into open/.
    input: needs("estimate")
    output: receipt("estimate")
    log: log_of("estimate")
    shell: "{pacer:q} estimate {where:q} --log {log:q}"

rule data_quality:
    # Report for data managers and sites.
    input: needs("data_quality")
    output: receipt("data_quality"), path("reports/data_quality.html")
    log: log_of("data_quality")
    shell: "{pacer:q} render {where:q} --report data_quality --log {log:q}"

rule open:
    # Report for the open session: pooled only.
    input: needs("open")
    output: receipt("open"), path("reports/open.html")
    log: log_of("open")
    shell: "{pacer:q} render {where:q} --report open --log {log:q}"

# Below this line the allocation is an input. Everything it makes lies in restricted/.

rule validate_sealed:
    # Allocation, blinding, club register and sealed fields: read, validated, locked away in restricted/sealed/.
    input: needs("validate_sealed")
    output: receipt("validate_sealed")
    log: log_of("validate_sealed")
    shell: "{pacer:q} validate --sealed {where:q} --log {log:q}"

rule derive_sealed:
    # The same derivation with the sealed fields joined back in, and the services' attendance.
    input: needs("derive_sealed")
    output: receipt("derive_sealed")
    log: log_of("derive_sealed")
    shell: "{pacer:q} derive --sealed {where:q} --log {log:q}"

rule estimate_sealed:
    # By arm: A and B for the closed report, named for the final one.
    input: needs("estimate_sealed")
    output: receipt("estimate_sealed")
    log: log_of("estimate_sealed")
    shell: "{pacer:q} estimate --sealed {where:q} --log {log:q}"

rule closed:
    # Report for DSMB members: arms A and B.
    input: needs("closed")
    output: receipt("closed"), path("restricted/closed.html")
    log: log_of("closed")
    shell: "{pacer:q} render {where:q} --report closed --log {log:q}"

rule final:
    # Report for the trial team and the journal: arms by name; refused unless cut.yaml says kind: final.
    input: needs("final") if study.kind == "final" else []
    output: receipt("final"), path("restricted/final.html")
    log: log_of("final")
    shell: "{pacer:q} render {where:q} --report final --log {log:q}"
