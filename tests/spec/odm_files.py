"""Project XML written by hand: two arms, a repeating form, a repeating event, every kind of item."""

from __future__ import annotations

from pathlib import Path

HEAD = ('<?xml version="1.0" encoding="UTF-8" ?>\n<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org" ODMVersion="1.3.1" '
        'SourceSystem="REDCap">\n')
SETTINGS = """<Study OID="Project.T">
<GlobalVariables>
	<StudyName>A &amp; B</StudyName>
	<redcap:SecondaryUniqueField>mail</redcap:SecondaryUniqueField>
	<redcap:PreventBranchingEraseValues>1</redcap:PreventBranchingEraseValues>
	<redcap:MissingDataCodes>NI, No information
NA, Not applicable</redcap:MissingDataCodes>
	<redcap:RepeatingInstrumentsAndEvents>
		<redcap:RepeatingEvent redcap:UniqueEventName="visit_arm_1"/>
		<redcap:RepeatingInstruments>
			<redcap:RepeatingInstrument redcap:UniqueEventName="start_arm_1" redcap:RepeatInstrument="pills" redcap:CustomLabel="[pill]"/>
			<redcap:RepeatingInstrument redcap:UniqueEventName="start_arm_1" redcap:RepeatInstrument="deleted_form" redcap:CustomLabel=""/>
		</redcap:RepeatingInstruments>
	</redcap:RepeatingInstrumentsAndEvents>
	<redcap:DataAccessGroupsGroup>
		<redcap:DataAccessGroups group_name="Site-A (North of the river)"/>
	</redcap:DataAccessGroupsGroup>
	<redcap:SurveysGroup>
		<redcap:Surveys form_name="pills" title="Pills"/>
	</redcap:SurveysGroup>
</GlobalVariables>
"""
EVENTS = """	<StudyEventDef OID="Event.start_arm_1" Name="Start (Arm 1: Drug)" redcap:EventName="Start" redcap:UniqueEventName="start_arm_1" redcap:ArmNum="1" redcap:ArmName="Drug" redcap:DayOffset="0" redcap:OffsetMin="0" redcap:OffsetMax="5">
		<FormRef FormOID="Form.intake" OrderNumber="1" Mandatory="No" redcap:FormName="intake"/>
		<FormRef FormOID="Form.pills" OrderNumber="2" Mandatory="No" redcap:FormName="pills"/>
	</StudyEventDef>
	<StudyEventDef OID="Event.visit_arm_1" Name="Visit (Arm 1: Drug)" redcap:EventName="Visit" redcap:UniqueEventName="visit_arm_1" redcap:ArmNum="1" redcap:ArmName="Drug" redcap:DayOffset="30" redcap:OffsetMin="7" redcap:OffsetMax="14">
		<FormRef FormOID="Form.pills" OrderNumber="1" Mandatory="No" redcap:FormName="pills"/>
	</StudyEventDef>
	<StudyEventDef OID="Event.start_arm_2" Name="Start (Arm 2: None)" redcap:EventName="Start" redcap:UniqueEventName="start_arm_2" redcap:ArmNum="2" redcap:ArmName="None" redcap:DayOffset="0" redcap:OffsetMin="0" redcap:OffsetMax="0">
		<FormRef FormOID="Form.intake" OrderNumber="1" Mandatory="No" redcap:FormName="intake"/>
	</StudyEventDef>
"""
FORMS = """	<FormDef OID="Form.intake" Name="At intake" Repeating="No" redcap:FormName="intake">
		<ItemGroupRef ItemGroupOID="intake.id" Mandatory="No"/>
		<ItemGroupRef ItemGroupOID="intake.mail" Mandatory="No"/>
		<ItemGroupRef ItemGroupOID="intake.intake_complete" Mandatory="No"/>
	</FormDef>
	<FormDef OID="Form.pills" Name="Pills" Repeating="No" redcap:FormName="pills">
		<ItemGroupRef ItemGroupOID="pills.pill" Mandatory="No"/>
		<ItemGroupRef ItemGroupOID="pills.pills_complete" Mandatory="No"/>
	</FormDef>
	<ItemGroupDef OID="intake.id" Name="At intake" Repeating="No">
		<ItemRef ItemOID="id" Mandatory="No" redcap:Variable="id"/>
		<ItemRef ItemOID="redcap_data_access_group" Mandatory="No" redcap:Variable="redcap_data_access_group"/>
	</ItemGroupDef>
	<ItemGroupDef OID="intake.mail" Name="About her" Repeating="No">
		<ItemRef ItemOID="mail" Mandatory="No" redcap:Variable="mail"/>
		<ItemRef ItemOID="sex" Mandatory="Yes" redcap:Variable="sex"/>
		<ItemRef ItemOID="why___1" Mandatory="No" redcap:Variable="why"/>
		<ItemRef ItemOID="why___or_9" Mandatory="No" redcap:Variable="why"/>
		<ItemRef ItemOID="note" Mandatory="No" redcap:Variable="note"/>
		<ItemRef ItemOID="consent" Mandatory="No" redcap:Variable="consent"/>
	</ItemGroupDef>
	<ItemGroupDef OID="intake.intake_complete" Name="Form Status" Repeating="No">
		<ItemRef ItemOID="intake_complete" Mandatory="No" redcap:Variable="intake_complete"/>
	</ItemGroupDef>
	<ItemGroupDef OID="pills.pill" Name="Pills" Repeating="No">
		<ItemRef ItemOID="pills_timestamp" Mandatory="No" redcap:Variable="pills_timestamp"/>
		<ItemRef ItemOID="pill" Mandatory="No" redcap:Variable="pill"/>
		<ItemRef ItemOID="taken" Mandatory="No" redcap:Variable="taken"/>
		<ItemRef ItemOID="sum" Mandatory="No" redcap:Variable="sum"/>
		<ItemRef ItemOID="read_this" Mandatory="No" redcap:Variable="read_this"/>
	</ItemGroupDef>
	<ItemGroupDef OID="pills.pills_complete" Name="Form Status" Repeating="No">
		<ItemRef ItemOID="pills_complete" Mandatory="No" redcap:Variable="pills_complete"/>
	</ItemGroupDef>
"""
ITEMS = """	<ItemDef OID="id" Name="id" DataType="text" Length="999" redcap:Variable="id" redcap:FieldType="text"><Question><TranslatedText>Id</TranslatedText></Question></ItemDef>
	<ItemDef OID="redcap_data_access_group" Name="redcap_data_access_group" DataType="text" redcap:Variable="redcap_data_access_group"><Question><TranslatedText>Group</TranslatedText></Question></ItemDef>
	<ItemDef OID="mail" Name="mail" DataType="text" redcap:Variable="mail" redcap:FieldType="text" redcap:TextValidationType="email" redcap:SectionHeader="About her" redcap:Identifier="y" redcap:FieldNote="one, only" redcap:FieldAnnotation="@HIDDEN&#10;@READONLY"><Question><TranslatedText>Mail</TranslatedText></Question></ItemDef>
	<ItemDef OID="sex" Name="sex" DataType="text" redcap:Variable="sex" redcap:FieldType="select" redcap:BranchingLogic="[mail] &lt;&gt; ''
// not for all
and [id] = &quot;1&quot;">
		<Question><TranslatedText>Sex at birth</TranslatedText><redcap:FormattedTranslatedText>&lt;b&gt;Sex&lt;/b&gt; at birth</redcap:FormattedTranslatedText></Question>
		<CodeListRef CodeListOID="sex.choices"/>
	</ItemDef>
	<ItemDef OID="why___1" Name="why___1" DataType="boolean" redcap:Variable="why" redcap:FieldType="checkbox"><Question><TranslatedText>Why</TranslatedText></Question><CodeListRef CodeListOID="why___1.choices"/></ItemDef>
	<ItemDef OID="why___or_9" Name="why___or_9" DataType="boolean" redcap:Variable="why" redcap:FieldType="checkbox"><Question><TranslatedText>Why</TranslatedText></Question><CodeListRef CodeListOID="why___1.choices"/></ItemDef>
	<ItemDef OID="note" Name="note" DataType="text" redcap:Variable="note" redcap:FieldType="textarea"><Question><TranslatedText>Note</TranslatedText></Question></ItemDef>
	<ItemDef OID="consent" Name="consent" DataType="text" redcap:Variable="consent" redcap:FieldType="file"><Question><TranslatedText>Consent</TranslatedText></Question></ItemDef>
	<ItemDef OID="intake_complete" Name="intake_complete" DataType="text" redcap:Variable="intake_complete" redcap:FieldType="select" redcap:SectionHeader="Form Status"><Question><TranslatedText>Complete?</TranslatedText></Question></ItemDef>
	<ItemDef OID="pills_timestamp" Name="pills_timestamp" DataType="datetime" redcap:Variable="pills_timestamp"><Question><TranslatedText>Stamp</TranslatedText></Question></ItemDef>
	<ItemDef OID="pill" Name="pill" DataType="integer" redcap:Variable="pill" redcap:FieldType="text" redcap:TextValidationType="int">
		<Question><TranslatedText>Pills</TranslatedText></Question>
		<RangeCheck Comparator="GE" SoftHard="Hard"><CheckValue>0</CheckValue><ErrorMessage><TranslatedText>outside</TranslatedText></ErrorMessage></RangeCheck>
		<RangeCheck Comparator="LE" SoftHard="Hard"><CheckValue>60</CheckValue><ErrorMessage><TranslatedText>outside</TranslatedText></ErrorMessage></RangeCheck>
	</ItemDef>
	<ItemDef OID="taken" Name="taken" DataType="partialDatetime" redcap:Variable="taken" redcap:FieldType="text" redcap:TextValidationType="datetime_dmy" redcap:MatrixGroupName="m" redcap:MatrixRanking="y"><Question><TranslatedText>Taken</TranslatedText></Question></ItemDef>
	<ItemDef OID="sum" Name="sum" DataType="float" redcap:Variable="sum" redcap:FieldType="calc" redcap:Calculation="[pill] + 1"><Question><TranslatedText>Sum</TranslatedText></Question></ItemDef>
	<ItemDef OID="read_this" Name="read_this" DataType="text" redcap:Variable="read_this" redcap:FieldType="descriptive"><Question><TranslatedText>Read</TranslatedText></Question></ItemDef>
	<ItemDef OID="pills_complete" Name="pills_complete" DataType="text" redcap:Variable="pills_complete" redcap:FieldType="select" redcap:SectionHeader="Form Status"><Question><TranslatedText>Complete?</TranslatedText></Question></ItemDef>
	<CodeList OID="sex.choices" Name="sex" DataType="text" redcap:Variable="sex">
		<CodeListItem CodedValue="02"><Decode><TranslatedText>one | or, other</TranslatedText></Decode></CodeListItem>
		<CodeListItem CodedValue="NA"><Decode><TranslatedText>Not | 7, asked</TranslatedText></Decode></CodeListItem>
	</CodeList>
	<CodeList OID="why___1.choices" Name="why___1" DataType="boolean" redcap:Variable="why" redcap:CheckboxChoices="1, Work | or, play | OR-9, Other">
		<CodeListItem CodedValue="1"><Decode><TranslatedText>Checked</TranslatedText></Decode></CodeListItem>
		<CodeListItem CodedValue="0"><Decode><TranslatedText>Unchecked</TranslatedText></Decode></CodeListItem>
	</CodeList>
"""
METADATA = SETTINGS + '<MetaDataVersion OID="Metadata.T" Name="T" redcap:RecordIdField="id">\n' + EVENTS + FORMS + ITEMS + "</MetaDataVersion>\n</Study>\n"
TAIL = "</ODM>\n"


def item(oid: str, value: str) -> str:
    return f'<ItemData ItemOID="{oid}" Value="{value}"/>'


def form(name: str, *items: str, instance: int = 1) -> str:
    return (f'<FormData FormOID="Form.{name}" FormRepeatKey="{instance}"><ItemGroupData ItemGroupOID="{name}.x" ItemGroupRepeatKey="1">'
            + "\n".join(items) + "</ItemGroupData></FormData>")


def event(name: str, *forms: str, instance: int = 1) -> str:
    return f'<StudyEventData StudyEventOID="Event.{name}" StudyEventRepeatKey="{instance}" redcap:UniqueEventName="{name}">' + "\n".join(forms) + "</StudyEventData>"


def subject(key: str, *content: str) -> str:
    return f'<SubjectData SubjectKey="{key}" redcap:RecordIdField="id">' + "\n".join(content) + "</SubjectData>\n"


def data(*subjects: str) -> str:
    return '<ClinicalData StudyOID="Project.T" MetaDataVersionOID="Metadata.T">\n' + "".join(subjects) + "</ClinicalData>\n"


RECORDS = data(
    subject("1", event("start_arm_1",
                       form("intake", item("id", "1"), item("redcap_data_access_group", "sitea"), item("mail", "a@b.org"), item("sex", "02"), item("why___1", "0"),
                            item("why___or_9", "1"), item("note", "first line\nsecond &amp; &quot;last&quot;  line"),
                            '<ItemDataBase64Binary ItemOID="consent" redcap:DocName="form.pdf" redcap:MimeType="application/pdf"><![CDATA[' + "QUJD" * 30000
                            + "]]></ItemDataBase64Binary>", item("intake_complete", "2")),
                       form("pills", item("pills_timestamp", "[not completed]"), item("pill", "30"), item("pills_complete", "2")),
                       form("pills", item("pill", "28"), item("taken", "2024-02-29T08:05"), item("pills_complete", "1"), instance=3)),
            event("visit_arm_1", form("pills", item("pill", "7"), item("pills_complete", "0"))),
            event("visit_arm_1", form("pills", item("taken", "NI"), item("pills_timestamp", "2024-03-01T10:00:01")), instance=2)),
    subject("1-x", event("start_arm_2", form("intake", item("id", "1-x"), '<ItemDataBase64Binary ItemOID="consent"><![CDATA[QUJD]]></ItemDataBase64Binary>'))),
    subject("2", event("start_arm_1", form("pills", item("pill", "1"), instance=2))))


def written(folder: Path, *parts: str, name: str = "project.xml") -> Path:
    """A file of these parts between the head and the end of an ODM document."""
    path = folder / name
    path.write_text(HEAD + "".join(parts) + TAIL, encoding="utf-8")
    return path
