%%% Stand-in for the functions of `jid' that handlers call.
-module(jid).

-include("jlib.hrl").

-export([make/1, make/3, make_noprep/3, make_bare/2, from_binary/1, to_binary/1, to_bare/1, to_bare_binary/1,
         to_lower/1, to_lus/1, replace_resource/2, are_equal/2, are_bare_equal/2, nameprep/1]).

make({User, Server, Resource}) -> make(User, Server, Resource).

make(User, Server, Resource) -> make_noprep(lower(User), lower(Server), Resource).

make_noprep(User, Server, Resource) -> #jid{luser = User, lserver = Server, lresource = Resource}.

make_bare(User, Server) -> make(User, Server, <<>>).

from_binary(Text) ->
    {Bare, Resource} = split(Text, <<"/">>, {Text, <<>>}),
    {User, Server} = split(Bare, <<"@">>, {<<>>, Bare}),
    case Server of
        <<>> -> error;
        _ -> make(User, Server, Resource)
    end.

split(Text, Mark, Default) ->
    case binary:split(Text, Mark) of
        [Before, Behind] -> {Before, Behind};
        [_] -> Default
    end.

to_binary(#jid{luser = User, lserver = Server, lresource = Resource}) ->
    to_binary({User, Server, Resource});
to_binary({User, Server}) ->
    to_binary({User, Server, <<>>});
to_binary({User, Server, Resource}) ->
    <<(before(User, <<"@">>))/binary, Server/binary, (behind(<<"/">>, Resource))/binary>>.

before(<<>>, _) -> <<>>;
before(Text, Mark) -> <<Text/binary, Mark/binary>>.

behind(_, <<>>) -> <<>>;
behind(Mark, Text) -> <<Mark/binary, Text/binary>>.

to_bare(#jid{} = Jid) -> Jid#jid{lresource = <<>>};
to_bare({User, Server, _}) -> {User, Server, <<>>}.

to_bare_binary(Jid) -> to_binary(to_bare(Jid)).

to_lower(#jid{luser = User, lserver = Server, lresource = Resource}) -> {User, Server, Resource}.

to_lus(#jid{luser = User, lserver = Server}) -> {User, Server}.

replace_resource(#jid{} = Jid, Resource) -> Jid#jid{lresource = Resource}.

are_equal(#jid{} = One, #jid{} = Other) -> One =:= Other;
are_equal(_, _) -> false.

are_bare_equal(#jid{} = One, #jid{} = Other) -> to_bare(One) =:= to_bare(Other);
are_bare_equal(_, _) -> false.

nameprep(Server) -> lower(Server).

lower(Text) -> string:lowercase(Text).
