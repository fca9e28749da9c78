package role

import (
	"testing"

	"github.com/halocheck/halocheck/probes/guide"
)

// TestRowsAreToldInWords: no name of the format reaches an administrator, who looks for it on a screen.
func TestRowsAreToldInWords(t *testing.T) {
	g := &guide.Guide{Name: "X"}
	const orRun = ", or run halocheck with an application that has admin rights."
	for _, c := range []struct{ row, says, do, findOut string }{
		{"levels: [{feature: software-releases, at_least: Read Only}]", "The role's access level for software releases is Read Only or more.", "Set Software Releases Access Level to Read Only and save.", "Check whether Software Releases Access Level is set to Read Only or more" + orRun},
		{"levels: [{feature: crm, at_least: Read Only}]", "The role's access level for CRM is Read Only or more.", "Set CRM Access Level to Read Only and save.", "Check whether CRM Access Level is set to Read Only or more" + orRun},
		{"levels: [{feature: kb, at_least: Read Only}]", "The role's access level for the knowledge base is Read Only or more.", "Set Knowledge Base Access Level to Read Only and save.", "Check whether Knowledge Base Access Level is set to Read Only or more" + orRun},
		{"permissions: [{permission: override-priority}]", "The role may override the maximum priority.", "Let the role override the maximum priority, and save.", "Check whether the role may override the maximum priority" + orRun},
		{"permissions: [{permission: edit-appointments, at_least: all}]", "The role may edit appointments.", "Let the role edit appointments of everybody, and save.", "Check whether the role may edit appointments of everybody" + orRun},
		{"permissions: [{permission: edit-actions, at_least: all}]", "The role may edit actions.", "Set Can edit actions to All under Ticket Permissions and save.", "Check whether Can edit actions is set to All" + orRun},
	} {
		parsed, err := guide.Parse("g.yaml", []byte("name: X\nrole: {"+c.row+"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ says, do, findOut string }
		for _, check := range All(parsed) {
			if m := check.Meta(); !m.Unasked {
				got.says, got.do, got.findOut = m.Says, m.Remedy.Do, m.FindOut.Do
			}
		}
		if got.says != c.says || got.do != c.do || got.findOut != c.findOut {
			t.Errorf("%s: %+v", c.row, got)
		}
	}
	if len(All(g)) == 0 {
		t.Error("a guide without rows has requirements that it does not ask for")
	}
}
