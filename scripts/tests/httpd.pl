# SPDX-License-Identifier: GPL-2.0
# httpd.pl FOLDER PORT-FILE: a server on the loopback for one test.  GET gives a
# file of FOLDER; POST /NAME stores what is sent as NAME.posted, with its
# headers as NAME.headers, if the header Authorization is that in the file
# token, and is refused otherwise.  Ends by a signal.
use strict;
use warnings;
use IO::Socket::INET;

my ($folder, $port_file) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
	or die "no socket: $!\n";
open(my $out, '>', "$port_file.new") or die "$port_file: $!\n";
print $out $server->sockport, "\n";
close($out);
rename("$port_file.new", $port_file) or die "$port_file: $!\n";

sub slurp
{
	my ($name) = @_;
	open(my $file, '<:raw', $name) or return undef;
	local $/;
	return scalar <$file>;
}

sub store
{
	my ($name, $text) = @_;
	open(my $file, '>:raw', "$folder/$name") or die "$name: $!\n";
	print $file $text;
	close($file);
}

sub answer
{
	my ($client, $status, $text) = @_;
	print $client "HTTP/1.1 $status\r\nContent-Length: ", length($text),
		"\r\nConnection: close\r\n\r\n", $text;
}

while (my $client = $server->accept) {
	binmode($client);
	my $request = <$client> // next;
	my ($headers, $length) = ('', 0);
	while (my $line = <$client>) {
		last if $line =~ /^\r?\n/;
		$headers .= $line;
		$length = $1 if $line =~ /^content-length: *(\d+)/i;
		print $client "HTTP/1.1 100 Continue\r\n\r\n"
			if $line =~ /^expect: *100-continue/i;
	}
	my ($method, $name) = $request =~
		m{^(GET|POST) /([A-Za-z0-9._/-]+)(?:\?\S*)? };
	if (!defined $name || $name =~ /\.\./) {
		answer($client, '400 Bad Request', '');
	} elsif ($method eq 'GET') {
		my $text = slurp("$folder/$name");
		answer($client, defined $text ? '200 OK' : '404 Not Found',
		       $text // '');
	} else {
		read($client, my $body, $length);
		chomp(my $token = slurp("$folder/token") // '');
		if ($headers =~ /^authorization: \Q$token\E\r?$/im) {
			store("$name.headers", $headers);
			store("$name.posted", $body);
			answer($client, '200 OK', '{}');
		} else {
			answer($client, '401 Unauthorized', '');
		}
	}
	close($client);
}
