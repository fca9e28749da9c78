/* windows-console screen|interrupt FILE COMMAND: runs a command in a console of code page 437, as cmd.exe does in an American Windows.
   screen: FILE gets what the console shows, in UTF-8, and whether the console was told to follow escape sequences.
   interrupt: FILE gets the command's standard output; Ctrl-C is pressed as soon as the console shows something.
   It ends as the command does; from 90 on it is this program that failed. */
#define _WIN32_WINNT 0x0a00
#define NTDDI_VERSION 0x0a000006
#include <windows.h>
#include <stdio.h>

static BOOL WINAPI stay(DWORD event) { return TRUE; }

static DWORD ended(HANDLE process) {
	DWORD code = 99;
	if (WaitForSingleObject(process, 90000)) TerminateProcess(process, 98);
	WaitForSingleObject(process, 5000);
	GetExitCodeProcess(process, &code);
	return code;
}

/* shown is a line of the console in UTF-8, without the blanks behind it. */
static int shown(HANDLE console, SHORT y, char *text, int room) {
	WCHAR line[160];
	DWORD n = 0;
	ReadConsoleOutputCharacterW(console, line, 160, (COORD){ 0, y }, &n);
	while (n && line[n - 1] == ' ') n--;
	return n ? WideCharToMultiByte(CP_UTF8, 0, line, n, text, room, NULL, NULL) : 0;
}

/* outside starts this program again in a console that needs no window. */
static DWORD outside(void) {
	HANDLE in[2], out[2], console;
	char room[1024];
	SIZE_T n = sizeof room;
	STARTUPINFOEXW start = { { sizeof start } };
	PROCESS_INFORMATION child;
	if (!CreatePipe(&in[0], &in[1], NULL, 0) || !CreatePipe(&out[0], &out[1], NULL, 0) ||
		CreatePseudoConsole((COORD){ 160, 500 }, in[0], out[1], 0, &console)) return 90;
	start.lpAttributeList = (void *)room;
	if (!InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0, &n) ||
		!UpdateProcThreadAttribute(start.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, console, sizeof console, NULL, NULL)) return 91;
	SetEnvironmentVariableW(L"WINDOWS_CONSOLE", L"inside");
	if (!CreateProcessW(NULL, GetCommandLineW(), NULL, NULL, FALSE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &start.StartupInfo, &child)) return 92;
	return ended(child.hProcess);
}

int wmain(int argc, WCHAR **argv) {
	SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
	STARTUPINFOW start = { sizeof start, .dwFlags = STARTF_USESTDHANDLES };
	CONSOLE_SCREEN_BUFFER_INFO at;
	PROCESS_INFORMATION child;
	DWORD code, mode = 0, done;
	char text[640];
	if (argc != 4) return 93;
	if (!GetEnvironmentVariableW(L"WINDOWS_CONSOLE", NULL, 0)) return outside();
	BOOL screen = !lstrcmpW(argv[1], L"screen");
	HANDLE file = CreateFileW(argv[2], GENERIC_WRITE, FILE_SHARE_READ, &inherit, CREATE_ALWAYS, 0, NULL);
	HANDLE console = CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, NULL);
	start.hStdInput = CreateFileW(L"CONIN$", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, NULL);
	start.hStdOutput = screen ? console : file;
	start.hStdError = console;
	if (!SetConsoleOutputCP(437) || GetConsoleOutputCP() != 437 || !SetConsoleMode(console, ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT)) return 94;
	SetConsoleCtrlHandler(stay, TRUE); /* Ctrl-C reaches everybody in the console */
	if (!CreateProcessW(NULL, argv[3], NULL, NULL, TRUE, 0, NULL, NULL, &start, &child)) return 95;
	for (int n = 0; !screen && n < 600 && !shown(console, 0, text, sizeof text); n++) Sleep(100);
	if (!screen && !GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) return 96;
	code = ended(child.hProcess);
	if (screen) {
		GetConsoleScreenBufferInfo(console, &at);
		for (SHORT y = 0; y <= at.dwCursorPosition.Y; y++) {
			WriteFile(file, text, shown(console, y, text, sizeof text), &done, NULL);
			WriteFile(file, "\n", 1, &done, NULL);
		}
		GetConsoleMode(console, &mode);
		WriteFile(file, text, sprintf(text, "escape sequences: %s\n", mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING ? "on" : "off"), &done, NULL);
	}
	return code;
}
