//go:build !linux

package localpg

import "syscall"

func (id *identity) attr() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	if id.drop {
		a.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	return a
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
